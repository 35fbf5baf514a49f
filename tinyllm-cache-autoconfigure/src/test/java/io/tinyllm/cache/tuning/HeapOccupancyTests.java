package io.tinyllm.cache.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import org.junit.jupiter.api.Test;

class HeapOccupancyTests {

    @Test
    void isAShareAfterACollectionAndUnknownUntilTheNext() {
        HeapOccupancy occupancy = HeapOccupancy.ofThisProcess();
        System.gc();
        double after = occupancy.getAsDouble();
        assertThat(after).isGreaterThan(0).isLessThan(1);
        assertThat(occupancy.getAsDouble()).isZero();
        byte[] ballast = new byte[8 << 20];
        System.gc();
        assertThat(occupancy.getAsDouble()).isGreaterThan(0);
        Reference.reachabilityFence(ballast);
    }
}
