#!/usr/bin/env bash
# Keeps traffic on the sample, so that the dashboard lives: conversations, popular and rare prompts, questions of the chat, some failures. Ends with Ctrl-C.
#
#   sample-app/traffic.sh [http://localhost:8080] [SECONDS]
set -uo pipefail

base=${1:-http://localhost:8080}
end=$((SECONDS + ${2:-86400}))
callers=4

ask() {
  curl -s -o /dev/null -w '%{http_code} %{time_total}\n' -G "$base/completions" --data-urlencode "model=$1" \
    --data-urlencode "prompt=$2" -H "X-Conversation: $3"
}

# every other turn the same few questions of the chat, whose answers have a price
chat() {
  curl -s -o /dev/null -w '%{http_code} %{time_total}\n' -H 'Content-Type: application/json' \
    -d "{\"message\": \"Tell me of topic $1\"}" "$base/chat"
}

caller() {
  RANDOM=$(($1 + 1))
  local turn=0
  while [ "$SECONDS" -lt "$end" ]; do
    turn=$((turn + 1))
    # squared, so that a few prompts are popular and many are not
    local topic=$(((RANDOM % 100) * (RANDOM % 100) / 100))
    for question in "tell me of topic $topic" "what else about topic $topic" "and in short, topic $topic"; do
      ask tiny "$question" "caller-$1-$turn"
    done
    [ $((turn % 2)) -eq 0 ] && chat $((topic % 12))
    case $((RANDOM % 20)) in
      0) ask nope "a model that does not exist" "caller-$1" ;;
      1) ask tiny "nocache, please: topic $topic" "caller-$1" ;;
    esac
    sleep 0.$((RANDOM % 5 + 1))
  done
}

echo "Traffic on $base; look at $base/actuator/cachedashboard. Ctrl-C ends it."
(
  pids=()
  for ((i = 0; i < callers; i++)); do
    caller "$i" &
    pids+=($!)
  done
  trap 'kill "${pids[@]}" 2> /dev/null' INT TERM
  wait
) |
  awk '{ n++; sum += $2; if ($1 >= 500) failed++; if (n % 20 == 0) { printf "\r%d requests, %.0f ms in the mean, %d failed ", n, sum * 1000 / n, failed; fflush() } }'
