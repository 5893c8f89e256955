//! What `bench.job.Stopwatch` measures, of this process.

use std::fs::read_to_string;
use std::io::{Read, stdin};
use std::process::exit;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

const TICKS_PER_S: f64 = 100.0; // of Linux, for whatever is not its kernel

/// Wall and CPU seconds (all threads) from its start until standard input ends, when it reports and ends the process.
pub struct Stopwatch;

impl Stopwatch {
    /// Starts it.
    pub fn start() {
        let (began, before_s) = (now_s(), cpu_s());
        thread::spawn(move || {
            // That it cannot be read is its end as well.
            let _ = stdin().read_to_end(&mut Vec::new());
            let (cpu_s, peak_mb, ended) = (cpu_s() - before_s, peak_mb(), now_s());
            println!(r#"{{"cpu_s": {cpu_s}, "peak_mb": {peak_mb}, "began": {began}, "ended": {ended}}}"#);
            exit(0);
        });
    }
}

fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64()
}

fn cpu_s() -> f64 {
    let stat = read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / TICKS_PER_S
}

fn peak_mb() -> f64 {
    let status = read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a mark of the peak");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).expect("a number") / 1024.0
}
