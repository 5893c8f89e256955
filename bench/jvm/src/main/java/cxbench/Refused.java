package cxbench;

/** A record that is no event; the message is the reason. */
final class Refused extends Exception {
    Refused(String reason) {
        super(reason, null, false, false); // no stack trace: it is expected
    }
}
