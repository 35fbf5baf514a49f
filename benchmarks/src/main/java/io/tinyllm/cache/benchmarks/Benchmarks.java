package io.tinyllm.cache.benchmarks;

import io.tinyllm.cache.benchmarks.codec.PlanCost;
import io.tinyllm.cache.benchmarks.growth.Growth;
import io.tinyllm.cache.benchmarks.hit.Hit;
import io.tinyllm.cache.benchmarks.llm.AnswerHits;
import io.tinyllm.cache.benchmarks.page.OpenPage;
import io.tinyllm.cache.benchmarks.peers.Peers;
import io.tinyllm.cache.benchmarks.redis.RedisComparison;
import io.tinyllm.cache.benchmarks.replay.Replay;
import io.tinyllm.cache.benchmarks.snapshot.SnapshotCost;
import io.tinyllm.cache.benchmarks.storm.Storm;
import io.tinyllm.cache.benchmarks.tags.TagCost;
import io.tinyllm.cache.benchmarks.writes.Writes;
import java.util.Arrays;

/**
 * The entry point of {@code benchmarks.jar}: {@code replay ...} replays traces, {@code hit ...} compares a hit with
 * Spring's Caffeine, {@code features ...} what each feature adds to it, {@code redis ...} compares the shared tier with
 * other libraries', {@code writes ...} compares write policies over a slow store, {@code snapshots ...} measures saves
 * and restores, {@code plans ...} tells what the first value of a class costs, {@code tags ...} what tags cost,
 * {@code peers ...} measures everything beside every peer, {@code growth ...} how cost grows, {@code page ...} what the
 * open dashboard costs a hit, {@code llm ...} times hits of clients of Spring AI, {@code storm ...} times hits while
 * prefetches go wrong, {@code jmh ...} runs JMH with its own options.
 */
public final class Benchmarks {

    private Benchmarks() {}

    public static void main(String[] args) throws Exception {
        String command = args.length == 0 ? "" : args[0];
        String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
        switch (command) {
            case "replay" -> Replay.main(rest);
            case "hit" -> Hit.main(rest);
            case "features" -> Hit.features(rest);
            case "redis" -> RedisComparison.main(rest);
            case "writes" -> Writes.main(rest);
            case "storm" -> Storm.main(rest);
            case "snapshots" -> SnapshotCost.main(rest);
            case "plans" -> PlanCost.main(rest);
            case "tags" -> TagCost.main(rest);
            case "peers" -> Peers.main(rest);
            case "growth" -> Growth.main(rest);
            case "page" -> OpenPage.main(rest);
            case "llm" -> AnswerHits.main(rest);
            case "jmh" -> org.openjdk.jmh.Main.main(rest);
            default -> {
                System.err.println("usage: replay --trace FILE... --feature NAME [options] | hit [ROUNDS [SECONDS]] |"
                        + " features [ROUNDS [SECONDS [THREADS [CONTENDER...]]]] |"
                        + " redis [SECONDS [ROUNDS [get|put|zipf]]] |"
                        + " writes [ROUNDS [SECONDS]] | snapshots [ENTRIES] | storm [ROUNDS [SECONDS]] | llm [ROUNDS] |"
                        + " plans [ROUNDS] | tags [ROUNDS] | peers [smoke|all [DIRECTORY]] |"
                        + " growth [smoke|all [DIRECTORY]] | page [ROUNDS [SECONDS]] |"
                        + " jmh [options of JMH]");
                System.exit(2);
            }
        }
    }
}
