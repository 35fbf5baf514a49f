package io.tinyllm.cache.ttl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlanHistoryTests {

    private final GapBins bins = new GapBins(1_000_000_000L);
    private final IdlePlan first = IdlePlan.none(bins);
    private final IdlePlan second = IdlePlan.none(bins);
    private final IdlePlan third = IdlePlan.none(bins);

    @Test
    void everythingGoesByThePlanOfItsTime() {
        PlanHistory plans = new PlanHistory(10, 100, first);
        plans.add(second, 100);
        plans.add(third, 200);
        assertThat(plans.current()).isSameAs(third);
        assertThat(plans.at(99)).isSameAs(first);
        assertThat(plans.at(100)).isSameAs(second);
        assertThat(plans.at(199)).isSameAs(second);
        assertThat(plans.at(1_000)).isSameAs(third);
    }

    @Test
    void plansThatFollowEachOtherQuicklyCountAsOne() {
        PlanHistory plans = new PlanHistory(10, 100, first);
        plans.add(second, 100);
        plans.add(third, 199);
        assertThat(plans.at(99)).isSameAs(first);
        assertThat(plans.at(100)).isSameAs(third);
    }

    @Test
    void aTimeBeforeAllKeptPlansGetsTheOldestOfThem() {
        PlanHistory plans = new PlanHistory(2, 100, first);
        plans.add(second, 100);
        plans.add(third, 200);
        plans.add(first, 300);
        assertThat(plans.at(0)).isSameAs(third);
        assertThat(plans.at(250)).isSameAs(third);
        assertThat(plans.at(300)).isSameAs(first);
    }
}
