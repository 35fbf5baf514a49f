package io.tinyllm.cache.core.port;

import java.util.List;

/** The tags of one entry, and the moment that it is of. Thread-safe; immutable but for a hint. */
public final class Tagged {

    /** Stands for the tags of what must not be kept, because they could not be told. */
    public static final Tagged REFUSED = new Tagged(List.of(), Moment.FIRST);

    private final List<String> names;
    private final Moment moment;

    /** The moment as of which it is known that no tag was evicted: a hint, written without synchronization. */
    private long checked = -1;

    /**
     * Creates tags.
     * @param names the tags, a list with fast access by index
     * @param moment when the load or the put of the entry began
     */
    public Tagged(List<String> names, Moment moment) {
        this.names = names;
        this.moment = moment;
    }

    /** Returns the tags. */
    public List<String> names() {
        return names;
    }

    /** Returns when the load or the put of the entry began. */
    public Moment moment() {
        return moment;
    }

    /** Returns the local number of the moment as of which none of the tags was evicted, as far as that is known. */
    public long checked() {
        return checked;
    }

    /** Notes that none of the tags was evicted as of a moment. */
    public void checked(long local) {
        checked = local;
    }
}
