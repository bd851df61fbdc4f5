"""Checks the emitted OpenJD template against rules written from the specification "2023-09" (Template Schemas)."""

import copy
import re
import unittest

import yaml

from bench import Bench

NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
REFERENCE = re.compile(r"\{\{\s*([A-Za-z0-9_.]+)\s*\}\}")
RANGE = re.compile(r"^-?\d+(-\d+(:\d+)?)?(,-?\d+(-\d+(:\d+)?)?)*$")


class Invalid(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Invalid(message)


def keys(mapping, required, optional, where):
    require(isinstance(mapping, dict), f"{where}: a map")
    unknown = set(mapping) - set(required) - set(optional)
    require(not unknown, f"{where}: unknown {sorted(unknown)}")
    require(set(required) <= set(mapping), f"{where}: lacks {sorted(set(required) - set(mapping))}")


def texts_in(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


def references(value):
    for text in texts_in(value):
        yield from REFERENCE.findall(text)


def check_parameter(parameter, where):
    keys(parameter, ["name", "type"], ["default", "description", "objectType", "dataFlow", "minLength", "maxLength",
                                       "allowedValues", "userInterface"], where)
    require(NAME.match(parameter["name"]) and len(parameter["name"]) <= 64, f"{where}: name")
    require(parameter["type"] in ("STRING", "PATH", "INT", "FLOAT"), f"{where}: type")
    if parameter["type"] == "PATH":
        require(parameter.get("objectType", "DIRECTORY") in ("FILE", "DIRECTORY"), f"{where}: objectType")
        require(parameter.get("dataFlow", "NONE") in ("NONE", "IN", "OUT", "INOUT"), f"{where}: dataFlow")
    else:
        require("objectType" not in parameter and "dataFlow" not in parameter, f"{where}: of paths only")
    require(len(parameter.get("default", "")) <= 1024, f"{where}: default is at most 1024 long")


def check_action(action, where):
    keys(action, ["command"], ["args", "timeout", "cancelation"], where)
    require(isinstance(action["command"], str) and action["command"], f"{where}: command")
    require(all(isinstance(word, str) for word in action.get("args", ["x"])) and action.get("args", ["x"]), f"{where}: args")
    if "cancelation" in action:
        how = action["cancelation"]
        keys(how, ["mode"], ["notifyPeriodInSeconds"], where + ".cancelation")
        require(how["mode"] in ("TERMINATE", "NOTIFY_THEN_TERMINATE"), f"{where}: cancelation")
        require(0 < how.get("notifyPeriodInSeconds", 1) <= 600, f"{where}: notifyPeriodInSeconds")


def check_step(step, earlier, parameters):
    where = f"step {step.get('name')}"
    keys(step, ["name", "script"], ["description", "dependencies", "hostRequirements", "parameterSpace",
                                    "stepEnvironments"], where)
    require(0 < len(step["name"]) <= 64, f"{where}: name")
    for dependency in step.get("dependencies", []):
        keys(dependency, ["dependsOn"], [], where)
        require(dependency["dependsOn"] in earlier, f"{where}: depends on no step before it")
    tasks = set()
    if "parameterSpace" in step:
        keys(step["parameterSpace"], ["taskParameterDefinitions"], ["combination"], where)
        definitions = step["parameterSpace"]["taskParameterDefinitions"]
        require(1 <= len(definitions) <= 16, f"{where}: 1 to 16 task parameters")
        for definition in definitions:
            keys(definition, ["name", "type", "range"], [], where)
            require(definition["type"] in ("INT", "FLOAT", "STRING", "PATH"), f"{where}: type")  # never CHUNK[INT]
            require(REFERENCE.fullmatch(definition["range"]) or RANGE.match(definition["range"]), f"{where}: range")
            tasks.add("Task.Param." + definition["name"])
    if "hostRequirements" in step:
        keys(step["hostRequirements"], [], ["amounts", "attributes"], where)
        require(step["hostRequirements"], f"{where}: hostRequirements is empty")
        for amount in step["hostRequirements"].get("amounts", []):
            keys(amount, ["name"], ["min", "max"], where)
            require(amount["name"].startswith("amount.") and ("min" in amount or "max" in amount), f"{where}: amount")
        for attribute in step["hostRequirements"].get("attributes", []):
            keys(attribute, ["name"], ["anyOf", "allOf"], where)
            require(attribute["name"].startswith("attr."), f"{where}: attribute")
    keys(step["script"], ["actions"], ["embeddedFiles"], where)
    keys(step["script"]["actions"], ["onRun"], [], where)
    check_action(step["script"]["actions"]["onRun"], where)
    known = parameters | tasks | {"Session.WorkingDirectory", "Session.PathMappingRulesFile", "Session.HasPathMappingRules"}
    for reference in references(step):
        require(reference in known, f"{where}: {{{{{reference}}}}} is not defined")


def check(template):
    keys(template, ["specificationVersion", "name", "steps"],
         ["description", "parameterDefinitions", "jobEnvironments", "$schema"], "template")
    require(template["specificationVersion"] == "jobtemplate-2023-09", "specificationVersion")
    require(0 < len(template["name"]) <= 128 and template["name"].isprintable(), "name")
    definitions = template.get("parameterDefinitions", [])
    require(len(definitions) <= 50, "at most 50 parameters")
    for parameter in definitions:
        check_parameter(parameter, f"parameter {parameter.get('name')}")
    names = [parameter["name"] for parameter in definitions]
    require(len(set(names)) == len(names), "parameter names")
    parameters = {"Param." + name for name in names} | {"RawParam." + name for name in names}
    earlier = []
    for step in template["steps"]:
        check_step(step, earlier, parameters)
        require(step["name"] not in earlier, "step names")
        earlier.append(step["name"])


class Template(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bench = Bench()
        cls.addClassCleanup(cls.bench.close)
        plan = cls.bench / "plan.json"
        assert cls.bench.run("farm", "plan", cls.bench.job, "-o", plan)[0] == 0
        folder = cls.bench / "openjd"
        done = cls.bench.run("farm", "emit", "openjd", "--plan", plan, "-o", folder, "--gpus", "1", "--threads", "4")
        assert done[0] == 0, done
        cls.template = yaml.safe_load((folder / "template.yaml").read_text())

    def test_keeps_the_rules(self):
        check(self.template)

    def test_its_commands_are_ours(self):
        """Runs the template as a worker would: every reference is replaced by its value."""
        values = {"Param." + p["name"]: p["default"] for p in self.template["parameterDefinitions"]}
        rules = self.bench / "rules.json"
        rules.write_text("{}")
        values["Session.PathMappingRulesFile"] = str(rules)
        for step, tasks in zip(self.template["steps"], (range(3), range(1))):
            action = step["script"]["actions"]["onRun"]
            for task in tasks:
                values["Task.Param.Chunk"] = str(task)
                words = [REFERENCE.sub(lambda found: values[found[1]], word) for word in action["args"]]
                code, out, errors = self.bench.run(*words)
                self.assertEqual(code, 0, errors)
                self.assertIn("openjd_", out)
        self.assertTrue(self.bench.output.exists())

    def test_the_rules_can_fail(self):
        def broken(change):
            template = copy.deepcopy(self.template)
            change(template)
            with self.assertRaises(Invalid):
                check(template)

        chunk = lambda template: template["steps"][0]
        broken(lambda t: t.update(specificationVersion="jobtemplate-2024"))
        broken(lambda t: t.update(name="x" * 129))
        broken(lambda t: t.update(surprise=1))
        broken(lambda t: t["parameterDefinitions"][0].update(dataFlow="IN"))
        broken(lambda t: t["parameterDefinitions"].append(t["parameterDefinitions"][0]))
        broken(lambda t: t["parameterDefinitions"][1].update(dataFlow="SIDEWAYS"))
        broken(lambda t: t["parameterDefinitions"].pop())
        broken(lambda t: t["steps"].reverse())
        broken(lambda t: chunk(t)["parameterSpace"]["taskParameterDefinitions"][0].update(range="1..3"))
        broken(lambda t: chunk(t)["parameterSpace"]["taskParameterDefinitions"][0].update(type="CHUNK[INT]"))
        broken(lambda t: chunk(t)["script"]["actions"]["onRun"]["cancelation"].update(notifyPeriodInSeconds=601))
        broken(lambda t: chunk(t)["script"]["actions"]["onRun"].pop("command"))
        broken(lambda t: chunk(t)["script"]["actions"]["onRun"]["args"].append(3))
        broken(lambda t: chunk(t)["hostRequirements"].clear())


if __name__ == "__main__":
    unittest.main(verbosity=2)
