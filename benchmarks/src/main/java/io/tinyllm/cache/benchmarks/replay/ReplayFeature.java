package io.tinyllm.cache.benchmarks.replay;

import java.util.List;

/** One feature of the product that can be replayed on traces. */
public interface ReplayFeature {

    /** The name on the command line, such as {@code size-tuner}. */
    String name();

    /** Replays all the traces, and returns a table of the single runs and one that judges them together. */
    ReplayReport replay(List<Trace> traces, ReplayOptions options);
}
