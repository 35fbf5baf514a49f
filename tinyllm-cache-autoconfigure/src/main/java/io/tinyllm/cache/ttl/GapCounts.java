package io.tinyllm.cache.ttl;

import java.util.Arrays;

/**
 * How long keys of each class stay unread, as far as it was seen. Old counts fade. Not thread-safe.
 *
 * <p>By class and bin: gaps that ended with an access, gaps that outlived the horizon, gaps that still last, and the
 * lives that entries had left when they were accessed.
 */
final class GapCounts {

    private final GapBins bins;
    private final double[][] ended = new double[KeyClasses.TOTAL][GapBins.COUNT];
    private final double[][] outlived = new double[KeyClasses.TOTAL][GapBins.COUNT];
    private final double[][] open = new double[KeyClasses.TOTAL][GapBins.COUNT];
    private final double[][] lives = new double[KeyClasses.TOTAL][GapBins.COUNT];
    private double accesses;

    GapCounts(GapBins bins) {
        this.bins = bins;
    }

    GapBins bins() {
        return bins;
    }

    /** Counts an access after which the entry has so long to live. */
    void access(int keyClass, long lifeNanos) {
        lives[keyClass][bins.of(lifeNanos)]++;
        accesses++;
    }

    /** Counts the gap between two accesses. */
    void gap(int keyClass, long nanos) {
        (nanos < bins.horizon() ? ended : outlived)[keyClass][bins.of(nanos)]++;
    }

    /** Counts a gap that still lasts, until {@link #forgetOpen}. */
    void open(int keyClass, long ageNanos) {
        open[keyClass][bins.of(ageNanos)]++;
    }

    void forgetOpen() {
        for (double[] counts : open) {
            Arrays.fill(counts, 0);
        }
    }

    void fade(double factor) {
        accesses *= factor;
        for (int c = 0; c < KeyClasses.TOTAL; c++) {
            for (int b = 0; b < GapBins.COUNT; b++) {
                ended[c][b] *= factor;
                outlived[c][b] *= factor;
                lives[c][b] *= factor;
            }
        }
    }

    double accesses() {
        return accesses;
    }

    double[] lives(int keyClass) {
        return lives[keyClass];
    }

    double accesses(int keyClass) {
        return Arrays.stream(lives[keyClass]).sum();
    }

    /** The rate at which keys of any class are accessed again in each bin, given that they were not before. */
    double[] hazard(double[] prior, double weight) {
        double[] ends = new double[GapBins.COUNT];
        double[] censored = new double[GapBins.COUNT];
        for (int c = 0; c < KeyClasses.TOTAL; c++) {
            for (int b = 0; b < GapBins.COUNT; b++) {
                ends[b] += ended[c][b];
                censored[b] += outlived[c][b] + open[c][b];
            }
        }
        return hazard(ends, censored, prior, weight);
    }

    /** The same for one class. */
    double[] hazard(int keyClass, double[] prior, double weight) {
        double[] censored = new double[GapBins.COUNT];
        Arrays.setAll(censored, b -> outlived[keyClass][b] + open[keyClass][b]);
        return hazard(ended[keyClass], censored, prior, weight);
    }

    /** Kaplan and Meier's estimate; the prior counts like so many keys at risk. */
    private static double[] hazard(double[] ends, double[] censored, double[] prior, double weight) {
        double[] hazard = new double[GapBins.COUNT];
        double atRisk = Arrays.stream(ends).sum() + Arrays.stream(censored).sum();
        for (int b = 0; b < GapBins.COUNT; b++) {
            double exposed = Math.max(ends[b], atRisk - censored[b] / 2);
            hazard[b] = Math.min(1, (ends[b] + weight * prior[b]) / (exposed + weight));
            atRisk -= ends[b] + censored[b];
        }
        return hazard;
    }
}
