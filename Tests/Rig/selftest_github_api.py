"""What the forge must do, each shown with the real gh. Run by selftest_github.py."""

import json
import time

from selftest_github import ALL, ONE, equal, failed, has


def test_repository_and_limits(rig):
    equal(rig.api("repos/acme/shop").json()["default_branch"], "main", "default branch")
    failed(rig.api("repos/acme/none"), "Not Found (HTTP 404)")
    failed(rig.api("repos/acme/shop", env={"GH_TOKEN": "invalid"}), "Bad credentials (HTTP 401)")
    before = rig.api("rate_limit").json()["resources"]["core"]["remaining"]
    answer = rig.api("-i", "repos/acme/shop").out
    has(answer, "X-Ratelimit-Remaining: ")
    assert rig.api("rate_limit").json()["resources"]["core"]["remaining"] < before, "the rate limit is not counted"


def test_pull_etag(rig):
    pull = rig.open()
    path = f"repos/acme/shop/pulls/{pull['number']}"

    def etag():
        return next(line for line in rig.api("-i", path).out.splitlines() if line.startswith("Etag: ")).split(" ", 1)[1]

    def changes(what, *command):
        before = etag()
        failed(rig.api("-i", path, "-H", f"If-None-Match: {before}"), "HTTP 304")
        done = rig.api(*command) if command else None
        assert not command or done.code == 0, done
        assert etag() != before, f"the ETag did not change after {what}"

    equal(pull["mergeable"], True, "mergeable")
    equal(rig.get(pull["number"])["state"], "open", "state")
    changes("a label", f"repos/acme/shop/issues/{pull['number']}/labels", "-f", "labels[]=promotion")
    changes("a title", "-X", "PATCH", path, "-f", "title=other")
    changes("a comment", f"repos/acme/shop/issues/{pull['number']}/comments", "-f", "body=hello")
    before = etag()
    rig.git("commit", "-q", "--allow-empty", "-m", "more")
    rig.git("push", "-q", "origin", "HEAD")
    assert etag() != before, "the ETag did not change after a push"
    spent = rig.api("rate_limit").json()["rate"]["used"]
    rig.api(path, "-H", f"If-None-Match: {etag()}")
    equal(rig.api("rate_limit").json()["rate"]["used"], spent + 2, "a 304 costs nothing")
    changes("closing", "-X", "PATCH", path, "-f", "state=closed")


def test_pull_lists_and_creation_refusals(rig):
    pull = rig.open()
    head = pull["head"]["ref"]
    found = rig.api("-X", "GET", "repos/acme/shop/pulls", "-f", f"head=acme:{head}", "-f", "state=all").json()
    equal([one["number"] for one in found], [pull["number"]], "pulls of a head")
    create = ("repos/acme/shop/pulls", "-f", "base=main", "-f", "title=x")
    failed(rig.api(*create, "-f", f"head={head}"), "HTTP 422", f"A pull request already exists for acme:{head}.")
    done = rig.api(*create, "-f", "head=nowhere")
    failed(done, "HTTP 422")
    equal(done.json()["errors"], [{"resource": "PullRequest", "field": "head", "code": "invalid"}], "errors")
    rig.git("push", "-q", "origin", "origin/main:refs/heads/same")
    failed(rig.api(*create, "-f", "head=same"), "No commits between main and same")
    rest = rig.api("-i", "-X", "GET", "repos/acme/shop/labels", "-f", "per_page=2")
    has(rest.out, 'rel="next"')
    pages = rig.api("--paginate", "-X", "GET", "repos/acme/shop/labels", "-f", "per_page=2")
    assert pages.out.count('"name"') >= 9, f"--paginate did not follow: {pages}"


def test_diff(rig):
    pull = rig.open(text="image:\n  tag: v\x1b[31mred\nreplicas: 2\n")
    wanted = rig.inside("diff", "main", pull["head"]["ref"])
    path = f"repos/acme/shop/pulls/{pull['number']}"
    raw = (path, "-H", "Accept: application/vnd.github.diff")
    equal(rig.api(*raw, "--allow-escape-sequences").out.strip(), wanted, "diff")
    failed(rig.api(*raw), "escape")
    equal(rig.pr("diff", str(pull["number"]), "--allow-escape-sequences").out.strip(), wanted, "gh pr diff")
    failed(rig.pr("diff", str(pull["number"])), "escape")
    equal([one["filename"] for one in rig.api(path + "/files").json()], ["values.yaml"], "files")
    rig.api("-X", "PATCH", path, "-f", "state=closed")


def shape(rig, pull, method, wanted_parents):
    base = rig.inside("rev-parse", "main")
    path = f"repos/acme/shop/pulls/{pull['number']}"
    test = rig.get(pull["number"])["merge_commit_sha"]
    equal(rig.inside("rev-parse", f"refs/pull/{pull['number']}/merge"), test, "the test merge")
    failed(rig.api("-X", "PUT", path + "/merge", "-f", "sha=" + "0" * 40), "Head branch was modified", "HTTP 409")
    done = rig.api("-X", "PUT", path + "/merge", "-f", f"sha={pull['head']['sha']}", "-f", f"merge_method={method}")
    assert done.code == 0, done
    sha = done.json()["sha"]
    equal(rig.inside("rev-parse", "main"), sha, "main after the merge")
    equal(len(rig.inside("rev-list", "--parents", "-1", sha).split()) - 1, wanted_parents, "parents")
    equal(rig.inside("diff", base, sha, "--stat"), rig.inside("diff", base, pull["head"]["sha"], "--stat"), "content")
    after = rig.get(pull["number"])
    equal((after["merged"], after["state"], after["merge_commit_sha"]), (True, "closed", sha), "after the merge")
    failed(rig.api("-X", "PUT", path + "/merge"), "HTTP 405")
    numbers = [one["number"] for one in rig.api(f"repos/acme/shop/commits/{sha}/pulls").json()]
    has(numbers, pull["number"])
    return rig.inside("log", "-1", "--format=%B", sha), sha, base


def test_merge_commit(rig):
    pull = rig.open()
    message, sha, base = shape(rig, pull, "merge", 2)
    title = f"Merge pull request #{pull['number']} from acme/{pull['head']['ref']}"
    equal(message, f"{title}\n\n{pull['title']}", "message")
    equal(rig.inside("rev-parse", sha + "^2"), pull["head"]["sha"], "second parent")
    equal(rig.inside("log", "-1", "--format=%cn", sha), "GitHub", "committer")


def test_squash(rig):
    pull = rig.open(commits=2)
    message, sha, base = shape(rig, pull, "squash", 1)
    equal(message, f"{pull['title']} (#{pull['number']})\n\nthe checklist", "message")
    equal(rig.inside("rev-parse", sha + "^"), base, "parent")


def test_rebase(rig):
    pull = rig.open(commits=2)
    rig.git("checkout", "-q", "--detach", "origin/main")
    rig.write("other.yaml", f"a: {time.time()}\n")
    rig.git("commit", "-qam", "foreign")
    rig.git("push", "-q", "origin", "HEAD:main")
    base = rig.inside("rev-parse", "main")
    done = rig.pr("merge", str(pull["number"]), "--rebase", "--match-head-commit", pull["head"]["sha"])
    equal((done.code, done.out), (0, ""), "gh pr merge --rebase")
    equal(rig.inside("log", "--format=%s %an", f"{base}..main"), "change 1 Dora\nchange 0 Dora", "replayed")
    assert rig.inside("rev-parse", "main") != pull["head"]["sha"], "rebase must write new commits"


def test_conflict(rig):
    one, two = rig.open(), rig.open()
    equal(rig.pr("merge", str(one["number"]), "--merge").code, 0, "the first")
    equal(rig.get(two["number"])["mergeable"], False, "mergeable")
    failed(rig.api("-X", "PUT", f"repos/acme/shop/pulls/{two['number']}/merge"), "HTTP 405", "not mergeable")
    failed(rig.pr("merge", str(two["number"]), "--merge"), "the merge commit cannot be cleanly created")
    equal(rig.graphql(ONE, n=two["number"])["data"]["repository"]["pullRequest"]["mergeable"], "CONFLICTING", "GraphQL")


def test_labels_comments_statuses_refs(rig):
    pull = rig.open()
    number, sha, head = pull["number"], pull["head"]["sha"], pull["head"]["ref"]
    labels = f"repos/acme/shop/issues/{number}/labels"
    equal([one["name"] for one in rig.api(labels, "-f", "labels[]=a b", "-f", "labels[]=bug").json()], ["a b", "bug"],
          "labels")
    equal([one["name"] for one in rig.api("-X", "DELETE", labels + "/a%20b").json()], ["bug"], "labels left")
    failed(rig.api("-X", "DELETE", labels + "/a%20b"), "HTTP 404")
    made = rig.api("repos/acme/shop/labels", "-f", "name=stage", "-f", "color=00ff00").json()
    equal(made["name"], "stage", "new label")
    failed(rig.api("repos/acme/shop/labels", "-f", "name=stage"), "HTTP 422")
    comments = f"repos/acme/shop/issues/{number}/comments"
    rig.api(comments, "--input", "-", data=json.dumps({"body": "first\nsecond 🚀"}))
    equal(rig.api(comments).json()[0]["body"], "first\nsecond 🚀", "comment")
    equal(rig.api(f"repos/acme/shop/commits/{sha}/status").json()["state"], "pending", "status of nothing")
    rig.api(f"repos/acme/shop/statuses/{sha}", "-f", "state=success", "-f", "context=ci")
    equal(rig.api(f"repos/acme/shop/commits/{sha}/status").json()["state"], "success", "status")
    has(rig.pr("checks", str(number)).out, "ci\tpass")
    rig.api(f"repos/acme/shop/statuses/{sha}", "-f", "state=failure", "-f", "context=ci")
    equal(rig.pr("checks", str(number)).code, 1, "gh pr checks of a failure")
    rig.control(checks="pending")
    rig.api(f"repos/acme/shop/statuses/{sha}", "-f", "state=success", "-f", "context=ci")
    equal(rig.pr("checks", str(number)).code, 8, "gh pr checks while pending")
    node = rig.graphql(ONE, n=number)["data"]["repository"]["pullRequest"]["commits"]["nodes"][0]
    equal(node, {"commit": {"oid": sha, "statusCheckRollup": {"state": "PENDING"}}}, "rollup")
    equal(rig.api(f"repos/acme/shop/git/ref/heads/{head}").json()["object"]["sha"], sha, "ref")
    equal(rig.api("-X", "DELETE", f"repos/acme/shop/git/refs/heads/{head}").code, 0, "delete a branch")
    failed(rig.api(f"repos/acme/shop/git/ref/heads/{head}"), "HTTP 404")
    failed(rig.api("-X", "DELETE", f"repos/acme/shop/git/refs/heads/{head}"), "HTTP 422")
    equal(rig.get(number)["state"], "closed", "its branch is gone")


def test_graphql_reading(rig):
    pull = rig.open()
    rig.api(f"repos/acme/shop/issues/{pull['number']}/labels", "-f", "labels[]=promotion")
    answer = rig.graphql(ALL, owner="acme", name="shop", labels=["promotion"])
    node = answer["data"]["repository"]["pullRequests"]["nodes"][0]
    equal((node["number"], node["headRefOid"], node["mergeable"], node["state"], node["author"]), (
        pull["number"], pull["head"]["sha"], "MERGEABLE", "OPEN", {"login": "alice"}), "node")
    equal(node["labels"], {"nodes": [{"name": "promotion"}]}, "labels")
    assert answer["data"]["rateLimit"]["remaining"] < 5000, "GraphQL costs nothing"
    wrong = rig.graphql("{repository(owner:\"acme\",name:\"shop\"){pullRequest(number:1){nonsense}}}")["errors"][0]
    equal((wrong["message"], wrong["extensions"]["code"]), (
        "Field 'nonsense' doesn't exist on type 'PullRequest'", "undefinedField"), "unknown field")
    none = rig.graphql("{a:repository(owner:\"acme\",name:\"none\"){id} viewer{login}}")
    equal((none["data"]["a"], none["errors"][0]["type"], none["data"]["viewer"]), (
        None, "NOT_FOUND", {"login": "alice"}), "a repository that is not there")
    has(rig.graphql("{repository(owner:\"acme\",name:\"shop\"){labels{nodes{name}}}}")["errors"][0]["message"],
        "You must provide a `first` or `last`")
    has(rig.graphql("{viewer{login}")["errors"][0]["message"], "Parse error")
    has(rig.graphql("query($n:Int!){repository(owner:\"acme\",name:\"shop\"){pullRequest(number:$n){id}}}", n="x")[
        "errors"][0]["message"], "Variable $n of type Int was provided invalid value")


def mutate(rig, name, selection, **given):
    query = "mutation($input:%sInput!){%s(input:$input){%s}}" % (name[0].upper() + name[1:], name, selection)
    return rig.graphql(query, input=given)


def test_graphql_mutations(rig):
    known = rig.graphql("{repository(owner:\"acme\",name:\"shop\"){id label(name:\"bug\"){id}}}")["data"]["repository"]
    head = rig.branch()
    create = {"repositoryId": known["id"], "baseRefName": "main", "headRefName": head, "title": "By GraphQL"}
    made = mutate(rig, "createPullRequest", "clientMutationId pullRequest{id number}", clientMutationId="k", **create)
    pull = made["data"]["createPullRequest"]["pullRequest"]
    equal(made["data"]["createPullRequest"]["clientMutationId"], "k", "clientMutationId")
    again = mutate(rig, "createPullRequest", "pullRequest{id}", **create)
    equal((again["data"]["createPullRequest"], again["errors"][0]["type"], again["errors"][0]["message"]), (
        None, "UNPROCESSABLE", f"A pull request already exists for acme:{head}."), "created twice")
    label = mutate(rig, "addLabelsToLabelable", "labelable{labels(first:9){nodes{name}}}", labelableId=pull["id"],
                   labelIds=[known["label"]["id"]])
    equal(label["data"]["addLabelsToLabelable"]["labelable"]["labels"]["nodes"], [{"name": "bug"}], "labels")
    said = mutate(rig, "addComment", "commentEdge{node{body}}", subjectId=pull["id"], body="hi")
    equal(said["data"]["addComment"]["commentEdge"]["node"]["body"], "hi", "comment")
    clean = mutate(rig, "enablePullRequestAutoMerge", "pullRequest{id}", pullRequestId=pull["id"])
    has(clean["errors"][0]["message"], "clean status")
    rig.control(checks="pending", required_checks=True)
    enabled = "pullRequest{autoMergeRequest{mergeMethod}}"
    on = mutate(rig, "enablePullRequestAutoMerge", enabled, pullRequestId=pull["id"], mergeMethod="SQUASH")
    equal(on["data"]["enablePullRequestAutoMerge"]["pullRequest"], {
        "autoMergeRequest": {"mergeMethod": "SQUASH"}}, "auto-merge on")
    off = mutate(rig, "disablePullRequestAutoMerge", enabled, pullRequestId=pull["id"])
    equal(off["data"]["disablePullRequestAutoMerge"]["pullRequest"], {"autoMergeRequest": None}, "auto-merge off")
    stale = mutate(rig, "mergePullRequest", "pullRequest{state}", pullRequestId=pull["id"], expectedHeadOid="0" * 40)
    has(stale["errors"][0]["message"], "Head branch was modified")
    mutate(rig, "enablePullRequestAutoMerge", enabled, pullRequestId=pull["id"], mergeMethod="SQUASH")
    rig.control(checks="success", required_checks=True)
    equal(rig.until(pull["number"], "MERGED")["mergedBy"], {"login": "alice"}, "auto-merged by")
    two = rig.open()
    closed = mutate(rig, "closePullRequest", "pullRequest{state merged}", pullRequestId=two["node_id"])
    equal(closed["data"]["closePullRequest"]["pullRequest"], {"state": "CLOSED", "merged": False}, "closed")
    three = rig.open()
    merged = mutate(rig, "mergePullRequest", "pullRequest{state mergeCommit{oid}}", pullRequestId=three["node_id"],
                    mergeMethod="SQUASH", expectedHeadOid=three["head"]["sha"])
    equal(merged["data"]["mergePullRequest"]["pullRequest"], {
        "state": "MERGED", "mergeCommit": {"oid": rig.inside("rev-parse", "main")}}, "merged")


def test_merge_queue(rig):
    rig.control(merge_queue={"after": 600})
    pull = rig.open()
    failed(rig.api("-X", "PUT", f"repos/acme/shop/pulls/{pull['number']}/merge"), "merge queue")
    equal(rig.pr("merge", str(pull["number"])).code, 0, "gh pr merge with a queue")
    found = rig.graphql(ONE, n=pull["number"])["data"]["repository"]["pullRequest"]
    equal((found["state"], found["mergeQueueEntry"]), ("OPEN", {"position": 1}), "queued")
    out = mutate(rig, "dequeuePullRequest", "mergeQueueEntry{position}", id=pull["node_id"])
    assert "errors" not in out, out
    equal(rig.graphql(ONE, n=pull["number"])["data"]["repository"]["pullRequest"]["mergeQueueEntry"], None, "dequeued")
    rig.control(merge_queue={"after": 0.2})
    rig.pr("merge", str(pull["number"]))
    rig.until(pull["number"], "MERGED")


def test_porcelain(rig):
    rig.api("repos/acme/shop/labels", "-f", "name=release")
    head = rig.branch()
    create = ("create", "--head", head, "--base", "main", "--title", "Promote shop", "--body-file", "-", "--label")
    failed(rig.pr(*create, "unheard-of", data="x"), "not found")
    done = rig.pr(*create, "release", data="- [ ] checked\n")
    equal(done.code, 0, "gh pr create")
    number = done.out.strip().rsplit("/", 1)[1]
    failed(rig.pr(*create, "release", data="x"), "already exists:", f"https://github.com/acme/shop/pull/{number}")
    equal([one["number"] for one in json.loads(rig.pr("list", "--label", "release", "--json", "number").out)],
          [int(number)], "gh pr list --label")
    has(rig.pr("list").out, "Promote shop")
    has(rig.pr("view", number).out, "- [ ] checked")
    fields = ("number,title,state,body,labels,mergeable,mergeStateStatus,headRefOid,mergeCommit,statusCheckRollup,"
              "files,commits")
    seen = json.loads(rig.pr("view", number, "--json", fields).out)
    equal((seen["state"], seen["mergeStateStatus"], seen["labels"][0]["name"]), ("OPEN", "CLEAN", "release"), "view")
    equal(rig.pr("comment", number, "--body", "well").code, 0, "gh pr comment")
    failed(rig.pr("checks", number), "no checks reported")
    failed(rig.pr("merge", number, "--squash", "--match-head-commit", "0" * 40), "Head branch was modified")
    done = rig.pr("merge", number, "--squash", "--match-head-commit", seen["headRefOid"])
    equal((done.code, done.out), (0, ""), "gh pr merge")
    equal(rig.pr("merge", number, "--squash").code, 0, "merging again")
    other = rig.open()["number"]
    equal(rig.pr("close", str(other)).code, 0, "gh pr close")
    equal(rig.get(other)["state"], "closed", "closed")
