"""Runs the step of action.yml as a runner does: inputs by their defaults or as given, then what it put out."""

import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

from ruamel.yaml import YAML

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SLIPWAY = os.path.abspath(sys.argv.pop(1))


class Action(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "action.yml"), encoding="utf-8") as file:
            self.action = YAML(typ="safe").load(file)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run_step(self, **given):
        inputs = {name: value.get("default", "") for name, value in self.action["inputs"].items()}
        self.assertLessEqual(set(given), set(inputs))
        inputs.update(given)
        (step,) = self.action["runs"]["steps"]
        variables = {
            name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: inputs[found[1]], value)
            for name, value in step["env"].items()
        }
        self.assertNotIn("${{", step["run"], "an expression in a script is a way in for shell")
        environment = {
            "PATH": os.path.dirname(SLIPWAY) + ":" + os.environ["PATH"],
            "HOME": self.folder.name,
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": self.path("outputs"),
            "GITHUB_STEP_SUMMARY": self.path("summary"),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder.name,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        with open(self.path("outputs"), encoding="utf-8") as file:
            outputs = dict(line.rstrip("\n").split("=", 1) for line in file)
        return done, outputs

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def test_rehearsal(self):
        self.write("my release.runbook", 'validate staging all\npromote all\nwait merge within 4h\nmonitor 30m\n')
        done, outputs = self.run_step(command="rehearse", arguments="my release.runbook\n--seed\n7\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(outputs["ending"], "ok")
        self.assertEqual(outputs["run"], "rehearsal-7")
        self.assertRegex(outputs["pull-request"], r"^\d+$")
        # Every output that the action names is one that the program writes.
        for value in self.action["outputs"].values():
            (name,) = re.findall(r"steps\.slipway\.outputs\.([a-z-]+)", value["value"])
            self.assertIn(name, outputs)
        with open(self.path("summary"), encoding="utf-8") as file:
            self.assertIn("my release.runbook", file.read())

    def test_failure_and_hostile_arguments(self):
        self.write("release.runbook", 'fail "no"\n')
        done, outputs = self.run_step(command="rehearse", arguments="release.runbook\n")
        self.assertEqual((done.returncode, outputs["ending"]), (1, "failed"))
        done, _ = self.run_step(command="rehearse", arguments="$(touch owned)`touch owned`;touch owned\n")
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse(os.path.exists(self.path("owned")))


class Workflows(unittest.TestCase):
    def test_what_comes_from_outside_reaches_a_script_as_a_variable(self):
        for path in glob.glob(os.path.join(ROOT, "examples", "workflows", "*.yml")):
            with open(path, encoding="utf-8") as file:
                jobs = YAML(typ="safe").load(file)["jobs"]
            scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
            self.assertTrue(scripts)
            for script in scripts:
                self.assertNotIn("${{", script, path)


if __name__ == "__main__":
    unittest.main()
