package cxbench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Wall and CPU seconds of the whole process, compiler and collector included, from its making on. */
final class Stopwatch {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final double began = System.currentTimeMillis() / 1e3;
    private final long cpuNs = SYSTEM.getProcessCpuTime();

    /** Prints what was taken and ends the process: stopping in order is not the job. */
    void report() throws IOException {
        double cpu = (SYSTEM.getProcessCpuTime() - cpuNs) / 1e9;
        double ended = System.currentTimeMillis() / 1e3;
        System.out.printf(
                Locale.ROOT, "{\"cpu_s\": %.3f, \"peak_mb\": %.1f, \"began\": %.3f, \"ended\": %.3f}%n",
                cpu, peakMb(), began, ended);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static double peakMb() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        return 0;
    }
}
