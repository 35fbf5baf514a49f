package io.tinyllm.cache.ttl;

import java.util.Arrays;

final class IdlePlanner {
    static double PRIOR = Double.parseDouble(System.getProperty("prior", "4"));
    static double TAIL = Double.parseDouble(System.getProperty("tail", "0.02"));
    static final int N = GapBins.COUNT, C = KeyClasses.TOTAL;

    private final GapBins bins;
    private final int firstBin, lastBin;
    private final double[][] hits = new double[C][N];
    private final double[][] open = new double[C][N];
    private final double[][] lives = new double[C][N];
    double[][] ended = new double[C][N];
    int share; byte[][] other; double lastPlanned, residencyFull, residencyPlanned, total;

    IdlePlanner(GapBins bins, long minimum, long maximum) {
        this.bins = bins;
        int first = N - 1;
        while (first > 0 && bins.upper(first - 1) >= minimum) first--;
        this.firstBin = first;
        int last = N - 1;
        while (last >= 0 && bins.upper(last) > maximum) last--;
        this.lastBin = last;
    }

    /** An access after which the entry had so long to live. */
    void access(int cls, long life) { lives[cls][bins.of(life)]++; total++; }

    double accesses() { return total; }

    /** An interval that ended with an access. */
    void hit(int cls, long gap) { hits[cls][bins.of(gap)]++; }

    void clearOpen() { for (double[] o : open) Arrays.fill(o, 0); }

    void ended(int cls, long age) { ended[cls][bins.of(age)]++; }

    /** An interval that still lasts. */
    void open(int cls, long age) { open[cls][bins.of(age)]++; }

    void decay(double factor) {
        total *= factor;
        for (int c = 0; c < C; c++) {
            for (int b = 0; b < N; b++) { hits[c][b] *= factor; lives[c][b] *= factor; ended[c][b] *= factor; }
        }
    }

    /** Plans so that at most a share of the accesses is lost; by class and remaining life, the last bin to stay for; LAST for no timeout. */
    byte[][] plan(double budget, double savedPerAccess) {
        double[] poolHit = new double[N], poolOpen = new double[N];
        double[][] cens = new double[C][N];
        for (int c = 0; c < C; c++) for (int b = 0; b < N; b++) { cens[c][b] = open[c][b] + ended[c][b]; poolHit[b] += hits[c][b]; poolOpen[b] += cens[c][b]; }
        double[] tail = new double[N]; Arrays.fill(tail, TAIL);
        double[] poolRate = hazards(poolHit, poolOpen, tail);
        double[][] gained = new double[C][], stay = new double[C][];
        for (int c = 0; c < C; c++) {
            double any = 0; for (double l : lives[c]) any += l;
            if (any < 0.5) continue;
            double[] rate = hazards(hits[c], cens[c], poolRate);
            double alive = 1, h = 0, r = 0;
            gained[c] = new double[N]; stay[c] = new double[N];
            for (int b = 0; b < N; b++) {
                double hit = Math.min(1, rate[b]);
                h += alive * hit;
                r += alive * (1 - hit / 2) * bins.width(b);
                alive *= 1 - hit;
                gained[c][b] = h; stay[c][b] = r;
            }
        }
        double low = 1e-9, high = 1e6;
        byte[][] best = choose(gained, stay, 0), beyond = null;
        double horizon = bins.upper(N - 1);
        for (int i = 0; i < 40; i++) {
            double price = Math.sqrt(low * high);
            byte[][] choice = choose(gained, stay, price / horizon);
            if (lost(gained, choice) <= budget * total && lost(stay, choice) <= savedPerAccess * total) { best = choice; low = price; } else { high = price; beyond = choice; }
        }
        if (beyond == null) beyond = best;
        double l0 = lost(gained, best), l1 = lost(gained, beyond), s0 = lost(stay, best), s1 = lost(stay, beyond);
        double p = 1;
        if (l1 > budget * total) p = Math.min(p, (budget * total - l0) / (l1 - l0));
        if (s1 > savedPerAccess * total) p = Math.min(p, (savedPerAccess * total - s0) / (s1 - s0));
        share = (int) (256 * Math.max(0, p)); other = beyond;
        lastPlanned = lost(gained, best) / Math.max(1, total);
        return best;
    }

    private double[] hazards(double[] hit, double[] open, double[] prior) {
        double[] rate = new double[N]; double risk = 0;
        for (int b = 0; b < N; b++) risk += hit[b] + open[b];
        for (int b = 0; b < N; b++) { rate[b] = (hit[b] + PRIOR * prior[b]) / (Math.max(hit[b], risk - open[b] / 2) + PRIOR); risk -= hit[b] + open[b]; }
        return rate;
    }

    private double lost(double[][] gained, byte[][] choice) {
        double l = 0;
        for (int c = 0; c < C; c++) if (gained[c] != null) for (int b = 0; b < N; b++) if (choice[c][b] < b) l += lives[c][b] * (gained[c][b] - gained[c][choice[c][b]]);
        return l;
    }

    private byte[][] choose(double[][] gained, double[][] stay, double price) {
        byte[][] choice = new byte[C][N];
        for (int c = 0; c < C; c++) {
            int best = -1; double value = 0;
            for (int b = 0; b < N; b++) {
                choice[c][b] = N - 1;
                if (gained[c] == null) continue;
                double v = gained[c][b] - price * stay[c][b];
                if (best >= 0 && value > v) choice[c][b] = (byte) best;
                if (b >= firstBin && b <= lastBin && (best < 0 || v > value)) { best = b; value = v; }
            }
        }
        return choice;
    }
}
