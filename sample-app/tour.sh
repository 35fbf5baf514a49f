#!/usr/bin/env bash
# A tour of the features, with curl alone, through the sample with its profile 'all':
#
#   mvn spring-boot:run -Dspring-boot.run.profiles=all     # in one terminal
#   sample-app/tour.sh                                     # in another one; an address other than http://localhost:8080 as an argument
#
# While nobody else uses the sample: some checks count. Every stop says what it does and what one should see, and checks it. It ends with the address of a page to look at.
set -uo pipefail

base=${1:-http://localhost:8080}
actuator=$base/actuator
run=$(date +%s)          # prompts of this tour are new to the cache, however often it is taken
stops=21
stop=0
failed=0

if [ -t 1 ]; then bold=$(tput bold); plain=$(tput sgr0); else bold=; plain=; fi

title() { stop=$((stop + 1)); printf '\n%s%2d of %d  %s%s\n' "$bold" "$stop" "$stops" "$1" "$plain"; }
say() { printf '         %s\n' "$*"; }
ok() { printf '    ok   %s\n' "$*"; }
bad() { printf '  WRONG  %s\n' "$*"; failed=$((failed + 1)); }
skip() { printf '     -   %s\n' "$*"; }
check() { if [ "$1" ]; then ok "$2"; else bad "$2"; fi; }

# complete PROMPT [MODEL] [CONVERSATION]: the milliseconds that a completion took
complete() {
  local start end
  start=$(date +%s%3N)
  curl -s -o /dev/null -G "$base/completions" --data-urlencode "model=${2:-tiny}" --data-urlencode "prompt=$1" \
    -H "X-Conversation: ${3:-tour}"
  end=$(date +%s%3N)
  echo $((end - start))
}
forget() { curl -s -o /dev/null -X DELETE -G "$base/completions" --data-urlencode model=tiny --data-urlencode "prompt=$1"; }
analytics() { curl -s "$actuator/cacheanalytics/${1:-completions}"; }
tuning() { curl -s "$actuator/cachetuning/${1:-completions}"; }
post() { curl -s -X POST -H 'Content-Type: application/json' -d "$2" "$actuator/$1"; }

# number NAME: the first figure of this name in the JSON on stdin
number() { grep -o "\"$1\":-\{0,1\}[0-9][0-9.]*" | head -1 | cut -d: -f2; }
text() { grep -o "\"$1\":\"[^\"]*\"" | head -1 | cut -d'"' -f4; }
whole() { cut -d. -f1; }
more() { awk -v before="${1:-0}" -v after="${2:-0}" 'BEGIN { exit !(after > before) }'; }

# meter NAME [STATISTIC]: a figure of a meter of the completions, whole
meter() {
  curl -s -G "$actuator/metrics/$1" --data-urlencode tag=cache:completions |
    grep -o "\"${2:-VALUE}\",\"value\":[0-9.]*" | head -1 | sed 's/.*://' | whole
}

# wait_for SECONDS COMMAND...: repeats a command until it succeeds, with a dot a second
wait_for() {
  local seconds=$1 i
  shift
  for ((i = 0; i < seconds; i++)); do
    if "$@"; then [ "$i" -gt 0 ] && echo; return 0; fi
    [ "$i" -eq 0 ] && printf '         '
    printf .
    sleep 1
  done
  echo
  return 1
}

printf '%sA tour of tinyllm-cache at %s%s\n' "$bold" "$base" "$plain"
if ! wait_for 60 curl -sf -o /dev/null "$actuator/health"; then
  echo "Nothing answers at $actuator/health. Start the sample first:"
  echo "  mvn spring-boot:run -Dspring-boot.run.profiles=all"
  exit 1
fi
if ! tuning | grep -q '"prefetch"'; then
  echo "The sample runs without its profile 'all', which this tour is about. Start it with:"
  echo "  mvn spring-boot:run -Dspring-boot.run.profiles=all"
  exit 1
fi

title "A cached answer"
say "The same prompt twice: the first asks the model, the second takes milliseconds."
first=$(complete "tour $run hello")
second=$(complete "tour $run hello")
check "$([ "$second" -lt "$first" ] && echo y)" "$first ms, then $second ms"

title "Single flight"
say "Ten callers ask for one new prompt at once: the model is asked once."
before=$(analytics | number loads)
for _ in 1 2 3 4 5 6 7 8 9 10; do complete "tour $run together" > /dev/null & done
wait
after=$(analytics | number loads)
check "$([ $((after - before)) -eq 1 ] && echo y)" "$((after - before)) load for 10 callers"

title "Negative caching"
say "A model that does not exist, twice: that it fails is remembered, too."
before=$(analytics | number negativeHits)
complete "tour $run" nope > /dev/null
complete "tour $run" nope > /dev/null
after=$(analytics | number negativeHits)
check "$([ "$after" -gt "$before" ] && echo y)" "$((after - before)) of 2 answered without asking for the model"

title "Bypass rules"
say "A prompt that says nocache is kept away from the cache, by a pattern in the yml."
before=$(analytics | number bypassed)
complete "tour $run nocache" > /dev/null
complete "tour $run nocache" > /dev/null
after=$(analytics | number bypassed)
check "$([ $((after - before)) -eq 2 ] && echo y)" "$((after - before)) of 2 bypassed"

title "Stale answers, refresh-ahead"
say "Answers of POST /chat live for 10 seconds here. One that is a little older is given at once, and renewed behind the reader's back."
chat() { curl -s -o /dev/null -w '%{time_total}' -H 'Content-Type: application/json' -d "{\"message\": \"tour $run chat\"}" "$base/chat"; }
chat > /dev/null
before=$(analytics answers | number loads)
for i in $(seq 11 -1 1); do
  [ -t 1 ] && printf '\r         %2d s ' "$i"
  sleep 1
done
[ -t 1 ] && printf '\r%24s\r' ''
took=$(chat)
renewed() { [ "$(analytics answers | number loads)" -gt "$before" ]; }
if wait_for 20 renewed; then ok "answered in $took s, and the model was asked again in the background"; else bad "answered in $took s; the model was not asked again"; fi

title "What answers cost and save"
say "A question of the chat, twice: the model is paid for once, at the prices in the yml."
# money KIND FIGURE: of the ledger, KIND is spent or saved
money() { analytics answers | grep -o '"llm":.*' | grep -o "\"$1\":{[^}]*" | number "$2"; }
status() { curl -s -o /dev/null -D - -H 'Accept: application/json' -H 'Content-Type: application/json' -d "{\"message\": \"tour $run $1\"}" "$base/chat" | tr -d '\r' | grep -i '^cache-status:' | cut -d' ' -f2-; }
spent=$(money spent cost)
saved=$(money saved cost)
first=$(status price)
second=$(status price)
check "$(printf %s "$first" | grep -q 'fwd=miss' && more "$spent" "$(money spent cost)" && echo y)" "the first: $first; $(money spent calls) calls have cost $(money spent cost) dollars"
check "$(printf %s "$second" | grep -q 'tinyllm; hit' && more "$saved" "$(money saved cost)" && echo y)" "the second: $second; $(money saved calls) answers have saved $(money saved cost) dollars"

title "Loads at a time"
say "Sixteen new prompts at once, and maximum-loads: 8. The others wait for their turn; hits would not."
for i in $(seq 16); do complete "tour $run crowd $i" tiny "crowd-$run-$i" > /dev/null & done
running=0
waiting=0
for _ in $(seq 20); do
  now=$(meter tinyllm.cache.loads.running)
  [ "${now:-0}" -gt "$running" ] && running=$now
  now=$(meter tinyllm.cache.loads.waiting)
  [ "${now:-0}" -gt "$waiting" ] && waiting=$now
  sleep 0.1
done
wait
check "$([ "$running" -ge 1 ] && [ "$running" -le 8 ] && echo y)" "at most $running ran at a time"
check "$([ "$waiting" -ge 1 ] && echo y)" "up to $waiting waited"

title "Partitions"
say "The memory is divided into four parts; none can push out entries of another."
parts=$(analytics | grep -o '"maximumSize"' | wc -l)
check "$([ "$parts" -eq 4 ] && echo y)" "$parts partitions"

title "One budget of memory"
say "Both caches share 256 KB, which go where they save most time."
share() { tuning "$1" | grep -o '"budget":.*' | number "$2"; }
total=$(share completions total)
completions=$(share completions share)
answers=$(share answers share)
check "$([ "${completions:-0}" -gt 0 ] && [ "${answers:-0}" -gt 0 ] && [ $((completions + answers)) -le "${total:-0}" ] && echo y)" "completions ${completions:-?} and answers ${answers:-?} of ${total:-?} bytes"
say "$(tuning | grep -o '"budget":.*' | text text)"

title "Values outside the heap"
say "What leaves the heap is stored whole or not at all; what stays in memory, and why, is in notShared."
kept=$(analytics | grep -o '"notShared":\[[^]]*')
check "$([ "$kept" = '"notShared":[' ] && echo y)" "every completion so far has a stored form${kept#'"notShared":['}"

title "Redis"
say "A second tier, with the profile 'redis' and a Redis at localhost:6379. Without it everything goes on."
health=$(curl -s "$actuator/health/tinyllmCache")
state=$(printf %s "$health" | grep -o '"primary":{[^}]*' | text state)
case "$state" in
  UP) ok "Redis is there, and in use" ;;
  "") skip "the profile 'redis' is not active" ;;
  *) skip "Redis is $state; every stop so far worked without it" ;;
esac
check "$(curl -s "$actuator/health/tinyllmCache" | grep -q '"status":"UP"' && echo y)" "the application is healthy either way"

title "Replication"
say "Every write goes to other Redis servers too, with the profiles 'redis' and 'replica' (see docs/dashboard.md)."
backends=$(tuning | grep -o '"replication":.*' | grep -o '"lag"' | wc -l)
if [ "$backends" -gt 0 ]; then ok "$backends backends, with their state and how far they are behind"; else skip "no replica is configured here"; fi

title "Write-back"
say "A new answer is acknowledged at once and written to a database within a second; until then it is in a journal."
complete "tour $run written" > /dev/null
flushed() { [ "$(tuning | grep -o '"write":.*' | number dirty)" = 0 ]; }
if wait_for 20 flushed; then ok "$(tuning | grep -o '"write":.*' | number flushed) writes have reached the store, none is waiting"; else bad "writes are still waiting"; fi

title "Snapshots"
say "The cache is saved to a file and read back: a restart begins warm."
saved=$(post cachesnapshots/completions '{"action": "save"}' | number entries)
check "$([ "${saved:-0}" -gt 0 ] && echo y)" "${saved:-0} entries saved"
restored=$(post cachesnapshots/completions '{"action": "restore"}' | number tookMillis)
check "$([ -n "$restored" ] && echo y)" "and read again in ${restored:-?} ms; entries that are there are left alone"

title "Prefetching"
say "A conversation asks three prompts in the same order, again and again. Then the third is forgotten, and the first two are asked."
for round in 1 2 3 4 5 6; do
  [ -t 1 ] && printf '\r         round %d of 6 ' "$round"
  for part in one two three; do complete "tour $run $part" tiny "talk-$run-$round" > /dev/null; done
done
[ -t 1 ] && printf '\r%24s\r' ''
issued() { tuning | grep -o '"prefetch":.*' | number issued; }
before=$(issued)
prefetched() {
  forget "tour $run three"
  sleep 2   # the deletion has to reach the database first
  complete "tour $run one" tiny "talk-$run-last" > /dev/null
  complete "tour $run two" tiny "talk-$run-last" > /dev/null
  sleep 1
  [ "$(issued)" -gt "$before" ]
}
if tuning | grep -q '"paused":"unavailable"'; then
  skip "prefetching pauses while Redis is away"
elif wait_for 20 prefetched; then ok "the third was fetched before anybody asked for it"; else bad "nothing was prefetched"; fi

title "Size tuner"
say "It draws how the hit rate depends on the size, decides, and says why."
answer=$(post cachetuning/completions '{}')
reason=$(printf %s "$answer" | grep -o '"size":{.*' | grep -o '"reason":"[^"]*"' | head -1 | cut -d'"' -f4)
check "$([ -n "$reason" ] && echo y)" "${reason:-no decision}"

title "Time-to-live optimiser"
say "Entries that nobody will ask for again leave early."
reason=$(printf %s "$answer" | grep -o '"timeToLive":{.*' | grep -o '"reason":"[^"]*"' | head -1 | cut -d'"' -f4)
check "$([ -n "$reason" ] && echo y)" "${reason:-no decision}"

title "Analytics"
say "What the cache does, and what it saves."
figures=$(analytics)
say "$(printf %s "$figures" | number requests) requests, $(printf %s "$figures" | number hits) hits, $(printf %s "$figures" | number secondsSaved | whole) seconds of waiting saved"
check "$(printf %s "$figures" | grep -q '"history":\[{' && echo y)" "with a row for each minute"

title "Observations"
say "Loads are timed and, where there is a tracer, spans; so is each operation of Redis."
before=$(meter tinyllm.cache.load COUNT)
complete "tour $run observed" tiny "observed-$run" > /dev/null
after=$(meter tinyllm.cache.load COUNT)
check "$([ "${after:-0}" -gt "${before:-0}" ] && echo y)" "$((${after:-0} - ${before:-0})) load more in the timer tinyllm.cache.load, ${after:-0} in all"
redis=$(meter tinyllm.cache.redis COUNT)
if [ -n "$redis" ]; then ok "$redis operations of Redis in tinyllm.cache.redis"; else skip "no operation of Redis yet: that takes the profile 'redis'"; fi

title "One key explained"
say "Why is the answer of the first stop in the cache, and for how long?"
key=$(curl -s -G "$actuator/cacheanalytics/completions" --data-urlencode "key=SimpleKey [tiny, tour $run hello]")
check "$(printf %s "$key" | grep -q '"state":"\(fresh\|dirty\)"' && echo y)" "it is $(printf %s "$key" | text state), for another $(printf %s "$key" | number remainingSeconds | whole) s: $(printf %s "$key" | text because)"

title "Tags"
say "Every completion bears a tag with its model. All of one model are evicted at once, without looking for them."
explain() { curl -s -G "$actuator/cacheanalytics/completions" --data-urlencode "key=SimpleKey [tiny, tour $run tagged]"; }
complete "tour $run tagged" tiny "tagged-$run" > /dev/null
wait_for 20 flushed
check "$(explain | grep -q '"tags":\["model:tiny"\]' && echo y)" "a new completion bears model:tiny"
told=$(curl -s -X DELETE -G "$actuator/cachetags" --data-urlencode tag=model:tiny --data-urlencode cache=completions)
check "$(printf %s "$told" | grep -q '"caches":\["completions"\]' && explain | grep -q '"evictedByTag":"model:tiny"' && echo y)" "and was evicted by it: memory does not serve it any more"
before=$(analytics | number store)
complete "tour $run tagged" tiny "tagged-$run" > /dev/null
after=$(analytics | number store)
check "$([ "${after:-0}" -gt "${before:-0}" ] && echo y)" "a store is never asked to delete anything: the next read comes from the database"

echo
if [ "$failed" -gt 0 ]; then
  echo "${bold}$failed of the checks failed.${plain}"
else
  echo "${bold}All went as it should.${plain}"
fi
echo
echo "All of this to look at:   $actuator/cachedashboard"
echo "With traffic on it:       sample-app/traffic.sh $base"
[ "$failed" -eq 0 ]
