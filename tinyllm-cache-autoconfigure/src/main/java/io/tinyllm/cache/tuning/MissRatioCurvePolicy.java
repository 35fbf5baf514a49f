package io.tinyllm.cache.tuning;

import java.util.List;
import java.util.Locale;

final class MissRatioCurvePolicy implements SizePolicy {

    private static final double DECAY = Double.parseDouble(System.getProperty("x.decay", "0.95"));
    private static final double MARGIN = Double.parseDouble(System.getProperty("x.margin", "0.003"));
    private static final double KNEE = Double.parseDouble(System.getProperty("x.knee", "0.02"));
    private static final double GROW = Double.parseDouble(System.getProperty("x.grow", "1.10"));
    private static final double SHRINK = Double.parseDouble(System.getProperty("x.shrink", "0.85"));
    private static final int AGREE = Integer.getInteger("x.agree", 3);
    private static final double GAIN = Double.parseDouble(System.getProperty("x.gain", "0.1"));
    private static final double CLAMP = Double.parseDouble(System.getProperty("x.clamp", "0.12"));

    private final SizeBounds bounds;
    private final MissRatioCurve curve = new MissRatioCurve();
    private double bias;
    private int agreeing;

    MissRatioCurvePolicy(SizeBounds bounds) {
        this.bounds = bounds;
    }

    @Override
    public String name() {
        return "miss-ratio-curve";
    }

    @Override
    public void record(long hash) {
        curve.record(hash);
    }

    @Override
    public Choice decide(SizeObservation seen) {
        double target = bounds.targetHitRate();
        long size = seen.size();
        model.update(curve);
        double requests = curve.requests();
        double lruRate = curve.hitRate(size);
        if (requests - startRequests > 0) {
            double now = (lruRate * requests - startHitRate(size)) / (requests - startRequests);
            boolean full = seen.entries() >= 0.98 * size;
            if (intervals > 0 && (full || seen.hitRate() > now)) {
                model.learn(size, seen.hitRate(), now, lruRate);
                model.update(curve);
            }
        }
        double wantedRate = target + MARGIN + bias;
        double wanted = model.sizeFor(wantedRate);
        String why;
        if (wanted <= bounds.maximum()) {
            why = String.format(Locale.ROOT, "%.2f needs %d by the curve", target, (long) wanted);
            bias = Math.max(-CLAMP, Math.min(CLAMP, bias + GAIN * (target - seen.hitRate())));
        } else {
            double top = model.hitRate(bounds.maximum());
            wanted = model.sizeFor(top - KNEE);
            why = String.format(Locale.ROOT, "%.2f is out of reach, knee %d", target, (long) wanted);
            bias *= 0.9;
        }
        if (DEBUG) why += String.format(" [obs %.3f est %.3f lru %.3f bias %.3f comp %.3f]", seen.hitRate(), model.hitRate(size), lruRate, bias, 1-curve.maximumHitRate());
        intervals++;
        double factor = Math.min(DECAY, intervals / (intervals + WARM));
        curve.age(factor);
        start = curve.rates();
        startRequests = curve.requests();
        long goal = bounds.clamp(wanted);
        if (goal > size * GROW) {
            agreeing = 0;
            return new Choice(goal, why);
        }
        if (goal < size * SHRINK) {
            if (++agreeing >= AGREE) {
                agreeing = 0;
                return new Choice(goal, why);
            }
            return new Choice(size, "waiting " + why);
        }
        agreeing = 0;
        return new Choice(size, why);
    }
    static final boolean DEBUG = Boolean.getBoolean("x.debug");
    static final double WARM = Double.parseDouble(System.getProperty("x.warm", "2"));
    private final HitRateModel model = new HitRateModel();
    private double[] start = new double[MissRatioCurve.BINS];
    private double startRequests;
    private int intervals;

    private double startHitRate(double size) {
        double position = MissRatioCurve.position(size);
        int bin = Math.min(start.length - 1, (int) Math.ceil(position));
        if (bin == 0) return start[0] * startRequests;
        return startRequests * (start[bin - 1] + (position - bin + 1) * (start[bin] - start[bin - 1]));
    }

    @Override
    public List<MissRatioCurve.Point> curve() {
        return curve.curve();
    }
}
