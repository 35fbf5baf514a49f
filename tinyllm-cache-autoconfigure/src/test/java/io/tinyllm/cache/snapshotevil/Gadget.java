package io.tinyllm.cache.snapshotevil;

/** A class whose package only begins like an allowed one, and that tells of its initialisation. */
public final class Gadget {

    static {
        System.setProperty("tinyllm.test.gadget", "initialised");
    }

    private Gadget() {}
}
