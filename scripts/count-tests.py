"""Sums the Surefire reports below this tree and prints one line: N passed, N failed, N skipped."""

import glob
import sys
import xml.etree.ElementTree as tree

passed = failed = skipped = 0
for path in glob.glob("*/target/surefire-reports/TEST-*.xml"):
    suite = tree.parse(path).getroot()
    tests, errors = int(suite.get("tests")), int(suite.get("errors")) + int(suite.get("failures"))
    skips = int(suite.get("skipped"))
    passed += tests - errors - skips
    failed += errors
    skipped += skips
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
