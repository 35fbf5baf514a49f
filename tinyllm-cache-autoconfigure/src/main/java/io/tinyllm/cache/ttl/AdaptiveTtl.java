package io.tinyllm.cache.ttl;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

public final class AdaptiveTtl {
    public static final long NEVER = Long.MAX_VALUE;
    static double TARGET = Double.parseDouble(System.getProperty("target", "0.006"));
    static double STOP = Double.parseDouble(System.getProperty("stop", "0.009"));
    static double GAIN = Double.parseDouble(System.getProperty("gain", "0.5"));
    static double DECAY = Double.parseDouble(System.getProperty("decay", "0.95"));
    static double EXPOSE = Double.parseDouble(System.getProperty("expose", "0.03"));
    static double MEMORY = Double.parseDouble(System.getProperty("memory", "12"));
    static double MAXB = Double.parseDouble(System.getProperty("maxb", "2"));
    static int STEPS = Integer.getInteger("steps", 32);
    static int SAMPLE = Integer.getInteger("sample", 8192);

    private static final class Sampled { long last, fixed, hard, idle; int cls; boolean closed; }

    private final long ttl, horizon, horizonTicks;
    private final KeyHistory history;
    private final KeyClasses classes;
    private final GapBins bins;
    private final IdlePlanner planner;
    private final Map<Long, Sampled> sample = new HashMap<>();
    private long threshold = -1L; // unsigned
    private volatile byte[][] plan, other; private volatile int share;
    private double lostHits, requests, account, sinceStep;
    private long nextStep, lastPlan; private double recent, recentTime; 
    int plans; boolean stopped; int stops;

    public AdaptiveTtl(long ttlNanos, long minimumNanos, long maximumNanos, int keys, long now, InstantSource clock, boolean observe) {
        ttl = ttlNanos; horizon = ttl;
        history = new KeyHistory(keys, now);
        horizonTicks = KeyHistory.ticksOf(horizon);
        classes = new KeyClasses(horizonTicks);
        bins = new GapBins(horizon);
        planner = new IdlePlanner(bins, minimumNanos, maximumNanos);
        plan = none();
        nextStep = now + horizon / STEPS;
    }
    private static byte[][] none() { byte[][] n = new byte[KeyClasses.TOTAL][GapBins.COUNT]; for (byte[] b : n) java.util.Arrays.fill(b, (byte) GapBins.LAST); return n; }

    public long idleNanos(long keyHash, long now, long remaining) {
        long h = KeyHistory.spread(keyHash); return idle(h, classes.of(history.find(h), history.tick(now)), remaining);
    }
    private long idle(long h, int cls, long remaining) {
        int bin = ((int) (h >>> 24) & 255) < share ? other[cls][bins.of(remaining)] : plan[cls][bins.of(remaining)];
        return bin == GapBins.LAST ? NEVER : bins.upper(bin);
    }

    public void onAccess(long keyHash, boolean hit, long now) {
        long h = KeyHistory.spread(keyHash); long tick = history.tick(now);
        long r = h * 0xD6E8FEB86659FD93L;
        if (Long.compareUnsigned(r, threshold) <= 0) {
            int cls = classes.of(history.find(h), tick);
            Sampled s = sample.get(r);
            requests++; sinceStep++; 
            if (s == null) {
                s = new Sampled(); sample.put(r, s); s.fixed = s.hard = now + ttl;
                if (sample.size() > SAMPLE) { threshold = Long.divideUnsigned(threshold, 10) * 9; sample.keySet().removeIf(k -> Long.compareUnsigned(k, threshold) > 0); }
            } else {
                boolean fixedHit = now < s.fixed, our = now < s.hard && now < s.idle;
                if (!s.closed) { if (now - s.last < horizon) planner.hit(s.cls, now - s.last); else planner.ended(s.cls, horizon); }
                if (!fixedHit) s.fixed = now + ttl;
                if (!our) s.hard = now + ttl;
                int lost = (fixedHit ? 1 : 0) - (our ? 1 : 0);
                lostHits += lost; account -= lost;
            }
            planner.access(cls, s.hard - now);
            s.closed = false; s.last = now; s.cls = cls; long t = idle(h, cls, s.hard - now); s.idle = t == NEVER ? NEVER : now + t;
        }
        history.record(h, tick, horizonTicks);
    }

    public boolean step(long now) {
        if (now < nextStep) return false;
        nextStep = now + horizon / STEPS;
        plan(now); return true;
    }

    private void plan(long now) {
        planner.clearOpen();
        for (Iterator<Sampled> it = sample.values().iterator(); it.hasNext(); ) {
            Sampled s = it.next();
            if (!s.closed) {
                if (now >= s.last + horizon) { planner.ended(s.cls, horizon); s.closed = true; }
                else planner.open(s.cls, now - s.last);
            }
            if (s.closed && now >= s.fixed && now >= s.hard) it.remove();
        }
        if (sample.size() < SAMPLE / 4 && threshold != -1L) threshold = Long.compareUnsigned(threshold, Long.MAX_VALUE) >= 0 ? -1L : threshold * 2;
        double f = Math.exp(-(now - lastPlan) / (MEMORY * ttl)); recent = recent * f + sinceStep; recentTime = recentTime * f + (now - lastPlan); lastPlan = now;
        account += TARGET * sinceStep; sinceStep = 0;
        double window = planner.accesses();
        account = Math.min(account, TARGET * Math.max(1, window));
        double budget = TARGET + GAIN * account / Math.max(1, window);
        stopped = account < -(STOP - TARGET) * Math.max(200, window);
        plans++;
        if (stopped) { stops++; { plan = none(); share = 0; } }
        else { plan = planner.plan(Math.min(MAXB*TARGET,Math.max(0, budget)), EXPOSE * 86400e9); other = planner.other; share = planner.share; }
        if(Boolean.getBoolean("dbg")) { System.out.printf("t %.2fh lost %.0f req %.0f acct %.1f stop %s budget %.4f planned %.4f", now/3.6e12, lostHits, requests, account, stopped, budget, planner.lastPlanned); for(int c: new int[]{18, 34,33,32}) System.out.printf(" %d:%d", c, plan[c][GapBins.LAST]); System.out.println(); }
        planner.decay(DECAY);
    }
    public String report() {
        return String.format("plans %d stops %d measured loss %.2f%% planned %.2f%% account %.0f of %.0f sample %d rate %.3f", plans, stops, 100 * lostHits / Math.max(1, requests), 100*planner.lastPlanned, account, requests, sample.size(), (threshold>>>1)/9.2e18);
    }
}
