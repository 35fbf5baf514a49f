package io.tinyllm.cache.tuning.figures;

/**
 * The figures of a cache for the interval that ends.
 *
 * @param size the bound in force, in entries
 * @param entries how many entries are held
 * @param requests hits and misses together
 * @param hits answers without a load
 * @param writes entries added, by loads and puts
 * @param evictions entries removed for their number
 * @param expirations entries removed for their age
 * @param heapOccupancy the share of the heap in use after the last garbage collection, 0 ... 1; 0 when unknown
 */
public record SizeObservation(
        long size,
        long entries,
        long requests,
        long hits,
        long writes,
        long evictions,
        long expirations,
        double heapOccupancy) {

    public double hitRate() {
        return requests == 0 ? 0 : (double) hits / requests;
    }

    public double evictionRate() {
        return writes == 0 ? 0 : (double) evictions / writes;
    }
}
