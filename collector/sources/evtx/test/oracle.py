"""Reads paths of EVTX files, one per line, and prints one JSON line per file: the records the reference parser finds in it."""
import json
import sys

from evtx import PyEvtxParser


def records(path):
    try:
        for record in PyEvtxParser(path).records_json():
            if isinstance(record, dict):
                yield {"id": record["event_record_id"], "json": record["data"]}
            else:
                yield {"error": str(record)}
    except Exception as error:
        yield {"error": str(error)}


for line in sys.stdin:
    print(json.dumps(list(records(line.rstrip("\n")))), flush=True)
