#!/usr/bin/env bash
# What people do today: the promotion guide's commands, typed for each service, in one fleet of the test rig. Nothing is
# waited for: what watches or follows there looks once here. Needs the rig's environment (Tests/Rig/README.md).
#
#   by-hand.sh FLEET-FOLDER SERVICE...
set -uo pipefail

folder=$1
shift
services=("$@")
name=$(basename "$folder")
staging="$name-staging" production="$name-production" argocd="$name-argocd"
repository=$(/usr/bin/sed -n 's/^  repository: \(file:.*\)/\1/p' "$folder/slipway.yaml")
health() { /usr/bin/sed -n "s|^ *$1: \(http.*/$2\)\$|\1|p" "$folder/slipway.yaml"; }
file() { echo "syrf/environments/$1/$2/config.yaml"; }
clone="$folder/by-hand"
say() { [[ -z ${QUIET:-} ]] && echo "== $*"; }

git clone -q "$repository" "$clone"
cd "$clone" || exit 1

say "step 1: validate in staging"
for service in "${services[@]}"; do
  kubectl get pods -n "$staging" -l "app=$service"
  kubectl logs -n "$staging" -l "app=$service" --tail=200 | grep -i error
  curl -s "$(health staging "$service")"
  grep chartTag "$(file staging "$service")" # the guide: yq eval
  kubectl get application "$service-staging" -n "$argocd" # the guide: argocd app get
done

say "step 2: promote"
git checkout -q -b production-promotion-by-hand
for service in "${services[@]}"; do
  tag=$(grep -o 'chartTag: [^ ]*' "$(file staging "$service")")
  sed -i "s|chartTag: [^ ]*|$tag|" "$(file production "$service")" # the guide: nano
done
git add -A
git commit -q -m "promote: everything → production"
git push -q origin HEAD
gh pr create --repo "acme/$name" --head production-promotion-by-hand --base main --title "promote" --body "by hand" \
  --label requires-review
gh pr list --repo "acme/$name" --label requires-review
number=$(gh pr view production-promotion-by-hand --repo "acme/$name" --json number --jq .number)
gh pr diff "$number" --repo "acme/$name"
git fetch -q
git diff "main...production-promotion-by-hand" -- syrf/environments/production/
gh pr merge "$number" --repo "acme/$name" --merge

say "step 3: monitor"
for service in "${services[@]}"; do
  kubectl get pods -n "$production" -l "app=$service"
  kubectl rollout status "deployment/$service" -n "$production" --timeout=1s
  kubectl logs -n "$production" -l "app=$service" --tail=100
  curl -s "$(health production "$service")"
  kubectl logs -n "$production" -l "app=$service" --since=5m | grep -i error
done

say "step 4: verify"
for service in "${services[@]}"; do
  kubectl get deployment "$service" -n "$production" -o jsonpath='{.spec.template.spec.containers[0].image}'
  kubectl get deployment "$service" -n "$production"
done
exit 0
