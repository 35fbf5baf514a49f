package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.cache.annotation.Cacheable;

/** Keys that a method changes while it loads: a criteria object that it normalises, a list that it sorts. */
class ChangedKeyTests {

    @Test
    void aMethodThatNormalisesItsCriteriaLeaksNothing() {
        try (CachingContext context = new CachingContext(settings -> {}, Search.class)) {
            Search search = context.bean(Search.class);
            for (int i = 0; i < 10_000; i++) {
                search.find(new Criteria("term-" + i));
            }
            // Nobody is loading anything any more.
            assertThat(context.tiered("search").loadsInProgress()).isZero();
        }
    }

    @Test
    void aClearEndsTheLoadsOfKeysThatHaveChangedTheirHash() {
        try (CachingContext context = new CachingContext(settings -> {}, Search.class)) {
            Search search = context.bean(Search.class);
            for (int i = 0; i < 100; i++) {
                search.find(new Criteria("term-" + i));
            }
            context.cache("search").clear();
            assertThat(context.tiered("search").loadsInProgress()).isZero();
        }
    }

    @Test
    void aMethodThatSortsItsListLeaksNothing() {
        try (CachingContext context = new CachingContext(settings -> {}, Search.class)) {
            Search search = context.bean(Search.class);
            for (int i = 0; i < 1_000; i++) {
                search.sum(new ArrayList<>(List.of(i + 2, i + 1, i)));
            }
            assertThat(context.tiered("sorted").loadsInProgress()).isZero();
        }
    }

    public static final class Criteria {

        private String term;
        private Integer page;

        Criteria(String term) {
            this.term = term;
        }

        void normalise() {
            if (page == null) {
                page = 1;
            }
            term = term.trim();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Criteria that && term.equals(that.term) && Objects.equals(page, that.page);
        }

        @Override
        public int hashCode() {
            return Objects.hash(term, page);
        }
    }

    public static class Search {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("search")
        public String find(Criteria criteria) {
            criteria.normalise();
            return "found " + criteria.term;
        }

        @Cacheable("sorted")
        public int sum(List<Integer> numbers) {
            calls.incrementAndGet();
            Collections.sort(numbers);
            return numbers.stream().mapToInt(n -> n).sum();
        }
    }
}
