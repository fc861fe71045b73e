"""Expands SAM templates with AWS's own translator.

Reads a JSON list of file names on standard input and prints a JSON object: file name to the expanded
template, or to {"error": text} where the translator refuses the template.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


# Properties that name local files, which `sam package` uploads before the translator sees the template.
ARTIFACTS = {
    "AWS::Serverless::Function": ["CodeUri"],
    "AWS::Serverless::LayerVersion": ["ContentUri"],
    "AWS::Serverless::Api": ["DefinitionUri"],
    "AWS::Serverless::HttpApi": ["DefinitionUri"],
    "AWS::Serverless::StateMachine": ["DefinitionUri"],
    "AWS::Serverless::Application": ["Location"],
}


def package(template):
    """Puts an uploaded object in place of every local file."""
    sections = [(template.get("Globals") or {}).get("Function") or {}]
    for section in sections:
        upload(section, ["CodeUri"])
    for resource in (template.get("Resources") or {}).values():
        if isinstance(resource, dict):
            complete(resource)
            upload(resource.get("Properties"), ARTIFACTS.get(resource.get("Type"), []))


def complete(resource):
    """A fragment leaves to its parent's Globals what the translator insists on."""
    properties = resource.get("Properties")
    if resource.get("Type") == "AWS::Serverless::Function" and isinstance(properties, dict):
        if "PackageType" not in properties and "ImageUri" not in properties:
            properties.setdefault("Runtime", "nodejs22.x")
            properties.setdefault("Handler", "index.handler")


def upload(properties, names):
    for name in names:
        value = properties.get(name) if isinstance(properties, dict) else None
        if isinstance(value, str) and not value.startswith(("s3://", "https://")):
            properties[name] = "s3://bucket/key" if name != "Location" else "https://bucket.s3.amazonaws.com/key"


def expand(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    parameters = {
        name: value["Default"]
        for name, value in (template.get("Parameters") or {}).items()
        if isinstance(value, dict) and "Default" in value
    }
    package(template)
    translator = Translator(get_bundled_managed_policy_map("aws") or {}, Parser())
    others = [name for name in transforms(template) if not str(name).startswith("AWS::Serverless")]
    expanded = translator.translate(template, parameters)
    if others:
        expanded["Transform"] = others  # the translator drops what other transforms are still to do
    return expanded


def transforms(template):
    given = template.get("Transform") or []
    return given if isinstance(given, list) else [given]


def main():
    expanded = {}
    for path in json.load(sys.stdin):
        try:
            expanded[path] = expand(path)
        except Exception as error:  # the translator raises many kinds; each is a refusal to report
            expanded[path] = {"error": f"{type(error).__name__}: {error}"}
    json.dump(expanded, sys.stdout, default=str)


main()
