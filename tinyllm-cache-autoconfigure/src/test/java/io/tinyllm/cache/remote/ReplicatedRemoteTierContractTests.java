package io.tinyllm.cache.remote;

import io.tinyllm.cache.core.port.RemoteTier;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;

class ReplicatedRemoteTierContractTests extends RemoteTierContract {

    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor();

    @AfterAll
    static void stop() {
        TIMER.shutdownNow();
    }

    @Override
    protected RemoteTier tier() {
        List<FlakyReplicaTier> tiers = List.of(
                new FlakyReplicaTier("primary", System::nanoTime), new FlakyReplicaTier("replica", System::nanoTime));
        return new ReplicatedRemoteTier("cache", tiers, ReplicationOptions.DEFAULT, TIMER, System::nanoTime);
    }
}
