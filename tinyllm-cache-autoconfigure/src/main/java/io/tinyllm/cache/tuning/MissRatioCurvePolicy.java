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
        double wantedRate = target + MARGIN + bias;
        double wanted = curve.sizeFor(wantedRate);
        String why;
        if (wanted <= bounds.maximum()) {
            why = String.format(Locale.ROOT, "%.2f needs %d by the curve", target, (long) wanted);
            if (Math.abs(size - wanted) < 0.5 * size) {
                bias = Math.max(-CLAMP, Math.min(CLAMP, bias + GAIN * (target - seen.hitRate())));
            }
        } else {
            double top = curve.hitRate(bounds.maximum());
            wanted = curve.sizeFor(top - KNEE);
            why = String.format(Locale.ROOT, "%.2f is out of reach, knee %d", target, (long) wanted);
            bias *= 0.9;
        }
        curve.age(DECAY);
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

    @Override
    public List<MissRatioCurve.Point> curve() {
        return curve.curve();
    }
}
