package io.tinyllm.cache.codec;

/** A form of objects that stand for another, which is written in their place. */
abstract class StandIn extends Form {

    StandIn(String tag) {
        super(tag);
    }

    /** The object that is meant. */
    abstract Object standsFor(Object value);

    @Override
    boolean isNamedByPlaces() {
        return false;
    }

    @Override
    void write(GraphWriter out, Object value, Place place) {
        throw new IllegalStateException("The other object is written");
    }

    @Override
    Object read(GraphReader in, Place place, int number) {
        throw new UnreadableException("no such form");
    }
}
