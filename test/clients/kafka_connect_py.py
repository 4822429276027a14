"""Drives a worker with kafka-connect-py, unchanged. Arguments: the worker's address, a file for the sink."""
import sys
import time

from kafka_connect import KafkaConnect

url, file = sys.argv[1:]
connect = KafkaConnect(url=url)


def until(what, find):
    deadline = time.monotonic() + 30
    while not find():
        assert time.monotonic() < deadline, f"not so in time: {what}"
        time.sleep(0.05)


def states():
    status = connect.get_connector_status("py-sink")
    return [status["connector"]["state"]] + [task["state"] for task in status["tasks"]]


assert connect.get_cluster_info()["version"] == "4.3.1"
assert "FileStreamSinkConnector" in str(connect.list_connector_plugins())
config = {"connector.class": "FileStreamSink", "topics": "py-topic", "file": file}
wrong = connect.validate_connector_config("FileStreamSink", {"connector.class": "FileStreamSink", "name": "x"})
assert wrong["error_count"] > 0, wrong
right = connect.validate_connector_config("FileStreamSink", {**config, "name": "py-sink"})
assert right["error_count"] == 0, right

connect.create_connector({"name": "py-sink", "config": config})
until("running", lambda: states() == ["RUNNING", "RUNNING"])
assert connect.list_connectors(pattern="py-") == ["py-sink"]
assert "py-sink" in connect.list_connectors(expand="status", state="RUNNING")
assert connect.get_connector("py-sink")["type"] == "sink"
assert connect.get_connector_config("py-sink")["file"] == file
connect.update_connector("py-sink", {**config, "errors.tolerance": "all"})
assert connect.get_connector_config("py-sink")["errors.tolerance"] == "all"

connect.pause_connector("py-sink")
until("paused", lambda: states() == ["PAUSED", "PAUSED"])
connect.resume_connector("py-sink")
until("running again", lambda: states() == ["RUNNING", "RUNNING"])
connect.restart_connector("py-sink", include_tasks=True)
until("restarted", lambda: states() == ["RUNNING", "RUNNING"])
assert connect.list_connector_tasks("py-sink")[0]["id"] == {"connector": "py-sink", "task": 0}
assert connect.get_connector_task_status("py-sink", 0)["state"] == "RUNNING"
connect.restart_connector_task("py-sink", 0)
until("task restarted", lambda: states() == ["RUNNING", "RUNNING"])
assert connect.list_connector_topics("py-sink") == {"py-sink": {"topics": []}}
connect.reset_connector_topics("py-sink")
connect.stop_connector("py-sink")
until("stopped", lambda: states() == ["STOPPED"])
connect.delete_connector("py-sink")
assert connect.list_connectors(pattern="py-") == []
print("done")
