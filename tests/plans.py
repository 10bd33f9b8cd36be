"""What a database reads to answer a statement: PostgreSQL counts it, SQLite says how it would look."""

import json
import re
from collections import Counter

from django.db import connection


def captured(context):
    """The SELECTs that were captured."""
    return [query["sql"] for query in context.captured_queries if query["sql"].startswith(("SELECT", "(SELECT"))]


def explained(sql):
    """The nodes of PostgreSQL's plan, after it was carried out."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [[plan]] = cursor.fetchall()
    todo = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    while todo:
        node = todo.pop()
        yield node
        todo += node.get("Plans", [])


def visited(node):
    """How many rows, or entries of an index, a node of a plan looked at."""
    removed = sum(count for name, count in node.items() if name.startswith("Rows Removed by"))
    return (node["Actual Rows"] + removed) * node["Actual Loops"]


def rows_visited(statements):
    """How many rows PostgreSQL looked at in each table."""
    found = Counter()
    for sql in statements:
        for node in explained(sql):
            if "Relation Name" in node:
                found[node["Relation Name"]] += visited(node)
    return found


def rows_read_one_by_one(statements):
    """How many rows of each table PostgreSQL read without an index."""
    found = Counter()
    for sql in statements:
        for node in explained(sql):
            if node["Node Type"] == "Seq Scan":
                found[node["Relation Name"]] += visited(node)
    return found


def scanned_by_sqlite(statements):
    """The tables that SQLite would read from one end to the other, by an index or without one."""
    found = set()
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            found |= {name for row in cursor.fetchall() for name in re.findall(r"^SCAN (pinax_\w+)", row[3])}
    return found
