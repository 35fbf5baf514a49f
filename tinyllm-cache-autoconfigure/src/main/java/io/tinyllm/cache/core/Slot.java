package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.LoadGate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The loads of one key in the table of what is in flight. Read and written only inside {@code compute} of its key
 * there.
 */
final class Slot {

    /** How many loads of a key count at a time where callers share them. */
    static final int LEADERS = 2;

    private final SlotKey key;
    private final List<Member> members = new ArrayList<>(LEADERS);

    /** A load that is to run soon, and is no member yet. */
    private @Nullable Flight queued;

    /** Answers those who join now. */
    private CompletableFuture<@Nullable Answer> answer = new CompletableFuture<>();

    Slot(SlotKey key) {
        this.key = key;
    }

    Slot add(Flight flight) {
        Member member = new Member(flight, this);
        flight.seat = member;
        members.add(member);
        return this;
    }

    Slot queue(Flight flight) {
        flight.seat = new Member(flight, this);
        queued = flight;
        return this;
    }

    Waiting join() {
        List<Flight> leaders = new ArrayList<>(members.size());
        for (Member member : members) {
            if (!member.flight.isPrivate()) {
                member.flight.ask();
                leaders.add(member.flight);
            }
        }
        if (leaders.isEmpty() && queued != null) {
            leaders.add(queued);
        }
        return new Waiting(leaders, answer);
    }

    /** Counts the loads that keep others from beginning: not those that are a caller's own, or seem lost. */
    int running(long now, long longestNanos) {
        int running = 0;
        for (Member member : members) {
            Flight flight = member.flight;
            boolean lost = flight.owner() == null && now - flight.startedNanos() > longestNanos;
            running += lost || flight.isPrivate() ? 0 : 1;
        }
        return running;
    }

    /** Returns the loads that the calling thread runs, or null. */
    @Nullable
    Waiting ofCaller() {
        Thread self = Thread.currentThread();
        List<Flight> own = members.stream()
                .map(member -> member.flight)
                .filter(flight -> flight.owner() == self)
                .toList();
        return own.isEmpty() ? null : new Waiting(own, answer);
    }

    /** A load that is part of another must not wait for one that may wait for that other's end. */
    boolean letsPass(Flight candidate) {
        return candidate.kind() == LoadGate.Kind.NESTED
                && members.stream().noneMatch(member -> member.flight.isInTurn());
    }

    /** Removes a member; returns whether it is the one to answer those who wait. */
    boolean remove(Member member, End end) {
        boolean result = end == End.RESULT || end == End.FOUND;
        int index = members.indexOf(member);
        if (index >= 0) {
            members.subList(result ? 0 : index, index + 1).clear();
        }
        if (result || queued == member.flight) {
            // What was to run soon has become needless.
            queued = null;
        }
        if (member.flight.isPrivate()) {
            return false;
        }
        // A load that ends without a result answers nobody, so that another can; unless it was the last, or they joined
        // before another had its result.
        boolean answers = end != End.NOTHING || members.isEmpty() || answer != member.answer;
        if (answers && answer == member.answer) {
            renewAnswer();
        }
        return answers;
    }

    /**
     * Doubts what is loading; what is reading keeps nothing of what it finds. What the store has is unknown for good: a
     * key that another puts and deletes before it is asked for looks as if it had only expired, and one more look into
     * the store costs less than a newer row.
     */
    void doubt(List<Member> doubted) {
        for (Member member : members) {
            member.suspect = true;
            if (member.flight.isLoading()) {
                member.doubts++;
                member.flight.markStoreUnknown();
                doubted.add(member);
            }
        }
    }

    /** Dismisses what is loading and leaves what is reading; returns whether nothing is left. */
    boolean dismissLoading() {
        if (members.stream().allMatch(member -> member.flight.isLoading())) {
            return true;
        }
        if (members.removeIf(member -> member.flight.isLoading())) {
            renewAnswer();
        }
        return false;
    }

    /** Who waits so far is answered by a load that leaves; who comes now, by one of those that are left. */
    private void renewAnswer() {
        answer = new CompletableFuture<>();
        members.forEach(member -> member.answer = answer);
    }

    boolean isEmpty() {
        return members.isEmpty() && queued == null;
    }

    SlotKey key() {
        return key;
    }

    /** Makes a load that was to run soon the leader, unless somebody else has become that; returns whether it leads. */
    boolean begin(Flight candidate) {
        if (queued != candidate) {
            return false;
        }
        queued = null;
        boolean leads = members.isEmpty();
        if (leads) {
            add(candidate);
        }
        return leads;
    }

    /** Has those that read keep nothing of what they find. */
    void suspect() {
        members.forEach(member -> member.suspect = true);
    }

    boolean holds(Member member) {
        return members.contains(member);
    }

    /** How a flight ends. */
    enum End {
        /** With the result of its load, which dismisses the loads that began before it. */
        RESULT,
        /** With what a lower tier had, which does so too. */
        FOUND,
        /** With a value for those who wait, which is no result. */
        ANSWER,
        /** With nothing, or a failure: those who wait go on waiting where another load is left. */
        NOTHING
    }

    /** Whether the end of a flight counts. */
    enum Standing {
        /** Nothing newer has happened to the key. */
        COUNTS,
        /** Another may have changed the key meanwhile, which is not known yet. */
        DOUBTED,
        /** Something newer has happened to the key. */
        OUTDATED
    }

    /** A flight in the table. */
    static final class Member extends Flight.Seat {

        private final Flight flight;
        private final Slot slot;

        /** Where those who joined the slot since its last result are answered. */
        private CompletableFuture<@Nullable Answer> answer;

        /** Whether what it has read of the key in a lower tier may be outdated by now. */
        private boolean suspect;

        /** How many answers are open whether the key was changed since it began to load. */
        private int doubts;

        Member(Flight flight, Slot slot) {
            this.flight = flight;
            this.slot = slot;
            this.answer = slot.answer;
        }

        Slot slot() {
            return slot;
        }

        CompletableFuture<@Nullable Answer> answer() {
            return answer;
        }

        /** Returns whether an end of the flight, whose key nothing is known to have changed, counts. */
        Standing standing(End end) {
            if (end == End.FOUND && suspect) {
                return Standing.OUTDATED;
            }
            return doubts > 0 ? Standing.DOUBTED : Standing.COUNTS;
        }

        /** Ends one of its doubts. */
        void trust() {
            doubts--;
        }
    }
}
