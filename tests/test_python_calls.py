"""What the inline Python code of functions asks of AWS, and which variables and modules it uses."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from remediator import TemplateError
from remediator.lambda_code import Filled, SdkCall, Text, Value, Variable, inline_code
from remediator.lambda_code.python.calls import behaviour
from remediator.source import Source
from remediator.template import Template

DYNAMODB = "import boto3, os\nd = boto3.resource('dynamodb')\n"
S3 = "import boto3, os\ns3 = boto3.client('s3')\n"
BUCKET = "import boto3\nb = boto3.resource('s3').Bucket('B')\n"

# Code, and the requests it makes: service, operation, what its arguments may be; `$X` a variable, `?` what only the run tells,
# `…` where not all arguments are shown, `foreign` with other credentials, `@` the Region.
CALLS = {
    # clients
    "client": ("import boto3\nboto3.client('s3').list_buckets()", ["s3.ListBuckets"]),
    "client, by keyword": (
        "import boto3\nboto3.client(service_name='sqs').purge_queue(QueueUrl='q')",
        ["sqs.PurgeQueue QueueUrl=q"],
    ),
    "module under another name": ("import boto3 as b\nb.client('s3').list_buckets()", ["s3.ListBuckets"]),
    "function of the module": ("from boto3 import client as c\nc('s3').list_buckets()", ["s3.ListBuckets"]),
    "session": ("import boto3\ns = boto3.Session()\ns.client('s3').list_buckets()", ["s3.ListBuckets"]),
    "module session": ("import boto3\nboto3.session.Session().client('s3').list_buckets()", ["s3.ListBuckets"]),
    "class Session": ("from boto3.session import Session\nSession().client('s3').list_buckets()", ["s3.ListBuckets"]),
    "botocore's session": (
        "import botocore.session as s\ns.get_session().create_client('s3').list_buckets()",
        ["s3.ListBuckets"],
    ),
    "service in a constant": ("import boto3\nS = 's3'\nboto3.client(S).list_buckets()", ["s3.ListBuckets"]),
    "region": ("import boto3\nboto3.client('s3', region_name='eu-west-1').list_buckets()", ["s3.ListBuckets @eu-west-1"]),
    "region of the session": (
        "import boto3\nboto3.Session(region_name='x').client('s3').list_buckets()",
        ["s3.ListBuckets @x"],
    ),
    "region from the environment": (
        "import boto3, os\nboto3.client('s3', region_name=os.environ['R']).list_buckets()",
        ["s3.ListBuckets @$R"],
    ),
    "other credentials": (
        "import boto3\nc = boto3.client('sts').assume_role(RoleArn='r', RoleSessionName='s')['Credentials']\n"
        "boto3.client('s3', aws_access_key_id=c['AccessKeyId'], aws_secret_access_key=c['S']).list_buckets()",
        ["sts.AssumeRole RoleArn=r RoleSessionName=s", "s3.ListBuckets foreign"],
    ),
    "other credentials of the session": (
        "import boto3\nboto3.Session(aws_access_key_id=x, aws_secret_access_key=y).resource('s3').Bucket('B').delete()",
        ["s3.DeleteBucket Bucket=B foreign"],
    ),
    "other credentials spread": (
        "import boto3\nk = {'aws_access_key_id': x}\nboto3.client('s3', **k).list_buckets()",
        ["s3.ListBuckets foreign"],
    ),
    "credentials left out": ("import boto3\nboto3.client('s3', aws_access_key_id=None).list_buckets()", ["s3.ListBuckets"]),
    "several services": (
        "import boto3\nfor n in ['s3', 'glacier']:\n  boto3.client(n).list_tags_for_vault(vaultName='v')",
        ["glacier.ListTagsForVault vaultName=v"],
    ),
    # ways of a client through the code
    "in a function": (
        "import boto3\ndef h(e, c):\n  s = boto3.client('sns')\n  s.publish(TopicArn='t')",
        ["sns.Publish TopicArn=t"],
    ),
    "made by a function": (
        "import boto3, os\ndef table():\n  return boto3.resource('dynamodb').Table(os.environ['T'])\n"
        "def h(e, c):\n  table().put_item(Item=e)",
        ["dynamodb.PutItem TableName=$T Item=?"],
    ),
    "made for a name": (
        "import boto3\ndef make(n):\n  return boto3.resource('dynamodb').Table(n)\n"
        "make('A').get_item(Key={})\nmake('B').put_item(Item={})",
        ["dynamodb.GetItem TableName=A Key=?", "dynamodb.PutItem TableName=B Item=?"],
    ),
    "handed to a function": (
        "import boto3\ndef send(c, t):\n  c.publish(TopicArn=t)\nsend(boto3.client('sns'), 'A')",
        ["sns.Publish TopicArn=A"],
    ),
    "handed by name": (
        "import boto3\ndef send(*, c, t='D'):\n  c.publish(TopicArn=t)\nsend(c=boto3.client('sns'))",
        ["sns.Publish TopicArn=D"],
    ),
    "handed through two": (
        "import boto3\ndef a(c):\n  b(c)\ndef b(c):\n  c.list_buckets()\na(boto3.client('s3'))",
        ["s3.ListBuckets"],
    ),
    "handed with star": (
        "import boto3\ndef w(*a, **k):\n  return f(*a, **k)\ndef f(c, n):\n  c.delete_bucket(Bucket=n)\n"
        "w(boto3.client('s3'), n='B')",
        ["s3.DeleteBucket Bucket=B"],
    ),
    "handed to a thread": (
        "import boto3, threading\ndef f(c):\n  c.list_buckets()\n"
        "threading.Thread(target=f, args=(boto3.client('s3'),)).start()",
        ["s3.ListBuckets"],
    ),
    "handed to an executor": (
        "import boto3\nfrom concurrent.futures import ThreadPoolExecutor\ndef f(c, n):\n  c.delete_bucket(Bucket=n)\n"
        "with ThreadPoolExecutor() as pool:\n  pool.submit(f, boto3.client('s3'), 'B')",
        ["s3.DeleteBucket Bucket=B"],
    ),
    "mapped": (
        S3 + "def f(n):\n  s3.delete_bucket(Bucket=n)\nlist(map(f, ['A', 'B']))",
        ["s3.DeleteBucket Bucket=A|B"],
    ),
    "partial": (
        "import boto3, functools\ndef f(c):\n  c.list_buckets()\nfunctools.partial(f, boto3.client('s3'))()",
        ["s3.ListBuckets"],
    ),
    "tuple": (
        "import boto3\na, b = boto3.client('s3'), boto3.client('sns')\na.list_buckets()\nb.list_topics()",
        ["s3.ListBuckets", "sns.ListTopics"],
    ),
    "returned tuple": (
        "import boto3\ndef f():\n  return 1, boto3.client('s3')\n_, c = f()\nc.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "dictionary": (
        "import boto3\nC = {'a': boto3.client('s3'), 'b': boto3.client('sns')}\nC['a'].list_buckets()",
        ["s3.ListBuckets"],
    ),
    "dictionary, unknown key": (
        "import boto3\nC = {'a': boto3.client('s3'), 'b': boto3.client('s3control')}\ndef h(e, c):\n"
        "  C[e['k']].get_public_access_block()",
        ["s3.GetPublicAccessBlock", "s3control.GetPublicAccessBlock"],
    ),
    "dictionary filled later": (
        "import boto3\nC = {}\ndef get(n):\n  if n not in C:\n    C[n] = boto3.client(n)\n  return C[n]\n"
        "get('s3').list_buckets()",
        ["s3.ListBuckets"],
    ),
    "list": ("import boto3\nfor c in [boto3.client('s3')]:\n  c.list_buckets()", ["s3.ListBuckets"]),
    "list filled later": ("import boto3\nx = []\nx.append(boto3.client('s3'))\nx[0].list_buckets()", ["s3.ListBuckets"]),
    "comprehension": (
        "import boto3\ncs = {r: boto3.client('s3', region_name=r) for r in ('x', 'y')}\n"
        "for r, c in cs.items():\n  c.list_buckets()",
        ["s3.ListBuckets @x|y"],
    ),
    "global": (
        "import boto3\nc = None\ndef h(e, x):\n  global c\n  if c is None:\n    c = boto3.client('s3')\n  c.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "walrus": ("import boto3\nif (c := boto3.client('s3')):\n  c.list_buckets()", ["s3.ListBuckets"]),
    "with": (
        "import boto3, contextlib\nwith contextlib.closing(boto3.client('s3')) as c:\n  c.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "context manager": (
        "import boto3, contextlib\n@contextlib.contextmanager\ndef f():\n  yield boto3.client('s3')\n"
        "with f() as c:\n  c.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "lambda": ("import boto3\nf = lambda n: boto3.client(n)\nf('s3').list_buckets()", ["s3.ListBuckets"]),
    "conditional": ("import boto3\nc = boto3.client('s3') if x else None\nc.list_buckets()", ["s3.ListBuckets"]),
    "or": ("import boto3\ndef f(c=None):\n  c = c or boto3.client('s3')\n  c.list_buckets()\nf()", ["s3.ListBuckets"]),
    "attribute": (
        "import boto3\nclass A:\n  def __init__(self, n):\n    self.t = boto3.resource('dynamodb').Table(n)\n"
        "  def run(self):\n    self.t.scan()\nA('T').run()",
        ["dynamodb.Scan TableName=T"],
    ),
    "class attribute": (
        "import boto3\nclass A:\n  s = boto3.client('s3')\n  def f(self):\n    self.s.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "inherited": (
        "import boto3\nclass A:\n  def __init__(self):\n    self.s = boto3.client('s3')\n"
        "class B(A):\n  def f(self):\n    self.s.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "constructor of the parent": (
        "import boto3\nclass A:\n  def __init__(self, c):\n    self.c = c\nclass B(A):\n  def __init__(self):\n"
        "    super().__init__(boto3.client('s3'))\n  def f(self):\n    self.c.list_buckets()\nB().f()",
        ["s3.ListBuckets"],
    ),
    "property": (
        "import boto3\nclass A:\n  @property\n  def s(self):\n    return boto3.client('s3')\n  def f(self):\n"
        "    self.s.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "data class": (
        "import boto3, dataclasses\n@dataclasses.dataclass\nclass A:\n  c: object\n"
        "a = A(boto3.client('s3'))\na.c.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "data class, by default": (
        "import boto3, dataclasses\n@dataclasses.dataclass\nclass A:\n"
        "  c: object = dataclasses.field(default_factory=lambda: boto3.client('s3'))\nA().c.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "missing key": (
        "import boto3, collections\nC = collections.defaultdict(lambda: boto3.client('s3'))\n"
        "def h(e, c):\n  C[e['r']].list_buckets()",
        ["s3.ListBuckets"],
    ),
    "missing key of an own class": (
        "import boto3\nclass C(dict):\n  def __missing__(self, k):\n    self[k] = boto3.client('s3', region_name=k)\n"
        "    return self[k]\nC()['x'].list_buckets()",
        ["s3.ListBuckets @?"],
    ),
    "descriptor": (
        "import boto3\nclass L:\n  def __get__(self, o, t=None):\n    return boto3.client('s3')\n"
        "class A:\n  s = L()\nA().s.list_buckets()",
        ["s3.ListBuckets"],
    ),
    "hook of a class that inherits": (
        "import boto3\nclass A:\n  def c(self):\n    return boto3.client(self.s)\nclass B(A):\n  s = 's3'\n"
        "  def run(self):\n    self.c().list_buckets()",
        ["s3.ListBuckets"],
    ),
    "attribute by a name that is made": (
        "import boto3\nclass A:\n  def __init__(self):\n    self.s3_client = boto3.client('s3')\n  def run(self, k):\n"
        "    getattr(self, f'{k}_client').list_buckets()",
        ["s3.ListBuckets"],
    ),
    "package loaded by name": ("__import__('boto3').client('s3').list_buckets()", ["s3.ListBuckets"]),
    "paginators of several clients": (
        "import boto3\ndef p(c, n, **k):\n  return c.get_paginator(n).paginate(**k)\n"
        "p(boto3.client('s3'), 'list_objects_v2', Bucket='B')\np(boto3.client('logs'), 'describe_log_groups')",
        ["s3.ListObjectsV2 Bucket=B", "logs.DescribeLogGroups Bucket=B"],
    ),
    "keywords handed on": (
        "import boto3\ndef p(**k):\n  boto3.client('s3').put_object(Bucket='B', **k)\np(Key='k')",
        ["s3.PutObject Bucket=B Key=k"],
    ),
    "credentials that may be missing": (
        "import boto3\ndef h(e, c):\n  k = {}\n  if e['r']:\n    k = {'aws_access_key_id': e['k']}\n"
        "  boto3.client('s3', **k).list_buckets()\n  boto3.client('sns', aws_access_key_id=e.get('k')).list_topics()",
        ["s3.ListBuckets", "sns.ListTopics"],
    ),
    "attribute of a function": (
        "import boto3\ndef h(e, c):\n  h.s.list_buckets()\nh.s = boto3.client('s3')",
        ["s3.ListBuckets"],
    ),
    "cached": (
        "import boto3, functools\n@functools.lru_cache\ndef c():\n  return boto3.client('s3')\nc().list_buckets()",
        ["s3.ListBuckets"],
    ),
    "method under another name": (S3 + "put = s3.put_object\nput(Bucket='B', Key='k')", ["s3.PutObject Bucket=B Key=k"]),
    "method handed on": (S3 + "retry(s3.put_object, Bucket='B')", ["s3.PutObject …"]),
    "partial of a method": (
        S3 + "import functools\nf = functools.partial(s3.put_object, Bucket='B')\nf(Key='k')",
        ["s3.PutObject …"],
    ),
    "method for a thread": (
        S3 + "import threading\nthreading.Thread(target=s3.delete_bucket, kwargs={'Bucket': 'B'}).start()",
        ["s3.DeleteBucket …"],
    ),
    "the largest": (
        BUCKET + "max(b.objects.all(), key=lambda o: o.size).delete()",
        ["s3.ListObjects Bucket=B", "s3.DeleteObject Bucket=B Key=?"],
    ),
    "given, or else": (
        "import boto3\ndef f(c=None, n=None):\n  c = c or boto3.client('sns')\n  c.publish(TopicArn=n or 'D')\n"
        "f(boto3.client('sns', region_name='r'), 'A')",
        ["sns.Publish TopicArn=A @r"],
    ),
    "all of a dictionary": (
        "import boto3\ndef f(c):\n  c.list_buckets()\nfor n, g in {'a': f}.items():\n  g(boto3.client('s3'))",
        ["s3.ListBuckets"],
    ),
    "side by side": (
        "import boto3\nfor c, n in zip([boto3.client('s3')], ['B']):\n  c.delete_bucket(Bucket=n)\n"
        "for i, c in enumerate([boto3.client('sns')]):\n  c.publish(TopicArn=f'{i}')",
        ["s3.DeleteBucket Bucket=B", "sns.Publish TopicArn=?"],
    ),
    "method by a constant name": (S3 + "getattr(s3, 'list_buckets')()", ["s3.ListBuckets"]),
    "decorated": (
        "import boto3\ndef deco(f):\n  def inner(*a):\n    return f(*a)\n  return inner\n@deco\ndef g(c):\n  c.list_buckets()\n"
        "g(boto3.client('s3'))",
        ["s3.ListBuckets"],
    ),
    "never called": (S3 + "def unused():\n  s3.list_buckets()", ["s3.ListBuckets"]),
    "calls itself": (
        "import boto3\ndef f(c, n):\n  c.delete_bucket(Bucket=n)\n  f(c, n)\nf(boto3.client('s3'), 'B')",
        ["s3.DeleteBucket Bucket=B"],
    ),
    "last assignment counts": (
        DYNAMODB + "t = d.Table('A')\nt.scan()\nt = d.Table('B')\nt.query()",
        ["dynamodb.Scan TableName=A", "dynamodb.Query TableName=B"],
    ),
    "both branches count": (
        DYNAMODB + "def h(e, c):\n  t = d.Table('A')\n  if e['x']:\n    t = d.Table('B')\n  t.scan()",
        ["dynamodb.Scan TableName=A|B"],
    ),
    "the loop comes back": (
        DYNAMODB + "n = 'A'\nwhile x:\n  d.Table(n).scan()\n  n = 'B'",
        ["dynamodb.Scan TableName=A|B"],
    ),
    # operations
    "once for a line": (S3 + "s3.list_buckets(); s3.list_buckets()", ["s3.ListBuckets"]),
    "abbreviations": (
        "import boto3\nboto3.client('rds').describe_db_instances()\nboto3.client('iam').list_mfa_devices()",
        ["rds.DescribeDBInstances", "iam.ListMFADevices"],
    ),
    "paginator": (S3 + "s3.get_paginator('list_objects_v2').paginate(Bucket='B')", ["s3.ListObjectsV2 Bucket=B"]),
    "paginator kept": (
        S3 + "p = s3.get_paginator('list_objects_v2')\nfor x in p.paginate(Bucket='B'): pass",
        ["s3.ListObjectsV2 Bucket=B"],
    ),
    "paginator never seen again": (S3 + "go(s3.get_paginator('list_objects_v2'))", ["s3.ListObjectsV2 …"]),
    "waiter": (S3 + "s3.get_waiter('bucket_exists').wait(Bucket='B')", ["s3.HeadBucket Bucket=B"]),
    "signed address": (
        S3 + "s3.generate_presigned_url('put_object', Params={'Bucket': 'B', 'Key': k}, ExpiresIn=3)",
        ["s3.PutObject Bucket=B Key=?"],
    ),
    "signed address, by keyword": (
        S3 + "p = {'Bucket': 'B'}\ns3.generate_presigned_url(ClientMethod='get_object', Params=p)",
        ["s3.GetObject Bucket=B"],
    ),
    "signed form": (S3 + "s3.generate_presigned_post(Bucket='B', Key='k')", ["s3.PutObject Bucket=B Key=k"]),
    "upload": (S3 + "s3.upload_file('/tmp/f', 'B', 'k')", ["s3.PutObject Filename=/tmp/f Bucket=B Key=k"]),
    "download": (S3 + "s3.download_fileobj(Bucket='B', Key='k', Fileobj=f)", ["s3.GetObject Bucket=B Key=k Fileobj=?"]),
    "copy": (
        S3 + "s3.copy({'Bucket': 'A', 'Key': 'k'}, 'B', 'k')",
        ["s3.CopyObject CopySource=Bucket|Key CopySource.Bucket=A CopySource.Key=k Bucket=B Key=k"],
    ),
    "spread arguments": (
        DYNAMODB + "p = {'TableName': 'T'}\np['Limit'] = 5\nboto3.client('dynamodb').scan(**p)",
        ["dynamodb.Scan TableName=T Limit=5"],
    ),
    "merged arguments": (
        DYNAMODB + "a = {'TableName': 'T'}\nboto3.client('dynamodb').scan(**{**a, 'IndexName': 'I'})",
        ["dynamodb.Scan TableName=T IndexName=I"],
    ),
    "unknown arguments": (S3 + "s3.get_object(Bucket='B', **kw)", ["s3.GetObject Bucket=B …"]),
    "lists are alternatives": (
        "import boto3\nboto3.client('ssm').get_parameters(Names=['/a', '/b'])",
        ["ssm.GetParameters Names=/a|/b"],
    ),
    "nested": (
        "import boto3\nboto3.client('events').put_events(Entries=[{'EventBusName': 'b', 'Detail': x}])",
        ["events.PutEvents Entries=EventBusName|Detail Entries[].EventBusName=b Entries[].Detail=?"],
    ),
    "nested, filled later": (
        "import boto3\ne = []\nfor x in y:\n  e.append({'EventBusName': 'b'})\nboto3.client('events').put_events(Entries=e)",
        ["events.PutEvents Entries=EventBusName Entries[].EventBusName=b"],
    ),
    "tables of a batch": (
        "import boto3\nboto3.client('dynamodb').batch_get_item(RequestItems={'A': {}, 'B': {}})",
        ["dynamodb.BatchGetItem RequestItems=A|B TableName=A|B RequestItems.A=? RequestItems.B=?"],
    ),
    "tables of a transaction": (
        "import boto3\nboto3.client('dynamodb').transact_write_items(TransactItems=[{'Put': {'TableName': 'A'}}])",
        [
            "dynamodb.TransactWriteItems TransactItems=Put TransactItems[].Put=TableName TransactItems[].Put.TableName=A "
            "TableName=A",
        ],
    ),
    # resources
    "table": (DYNAMODB + "d.Table('T').put_item(Item={})", ["dynamodb.PutItem TableName=T Item=?"]),
    "table's batch": (
        DYNAMODB + "with d.Table('T').batch_writer() as w:\n  w.put_item(Item={})",
        ["dynamodb.BatchWriteItem TableName=T"],
    ),
    "table's attribute": (DYNAMODB + "print(d.Table('T').item_count)", ["dynamodb.DescribeTable TableName=T"]),
    "table's name": (DYNAMODB + "t = d.Table('T')\nprint(t.name, t.table_name)", ["dynamodb.DescribeTable TableName=T"]),
    "table's client": (DYNAMODB + "d.Table('T').meta.client.scan(TableName='U')", ["dynamodb.Scan TableName=U"]),
    "table waited for": (DYNAMODB + "d.Table('T').wait_until_exists()", ["dynamodb.DescribeTable TableName=T"]),
    "table made": (
        DYNAMODB + "t = d.create_table(TableName='T')\nt.delete()",
        ["dynamodb.CreateTable TableName=T", "dynamodb.DeleteTable TableName=T"],
    ),
    "tables": (DYNAMODB + "for t in d.tables.all():\n  t.scan()", ["dynamodb.ListTables", "dynamodb.Scan TableName=?"]),
    "resource's batch": (
        DYNAMODB + "d.batch_write_item(RequestItems={'T': []})",
        ["dynamodb.BatchWriteItem RequestItems=T RequestItems.T=? TableName=T"],
    ),
    "object": ("import boto3\nboto3.resource('s3').Object('B', 'k').put(Body=b'')", ["s3.PutObject Bucket=B Key=k Body=?"]),
    "object, by keyword": (
        "import boto3\nboto3.resource('s3').Object(bucket_name='B', key='k').get()",
        ["s3.GetObject Bucket=B Key=k"],
    ),
    "object of a bucket": (BUCKET + "b.Object('k').delete()", ["s3.DeleteObject Bucket=B Key=k"]),
    "object's attribute": (BUCKET + "b.Object('k').content_length", ["s3.HeadObject Bucket=B Key=k"]),
    "bucket's objects": (
        BUCKET + "for o in b.objects.all():\n  o.get(); o.size",
        ["s3.ListObjects Bucket=B", "s3.GetObject Bucket=B Key=?"],
    ),
    "bucket's objects, emptied": (
        BUCKET + "b.objects.filter(Prefix='p').delete()",
        ["s3.DeleteObjects Bucket=B", "s3.ListObjects Bucket=B Prefix=p"],
    ),
    "bucket's versions": (
        BUCKET + "b.object_versions.delete()",
        ["s3.DeleteObjects Bucket=B", "s3.ListObjectVersions Bucket=B"],
    ),
    "bucket's upload": (BUCKET + "b.upload_file('f', 'k')", ["s3.PutObject Bucket=B Filename=f Key=k"]),
    "bucket's copy": (BUCKET + "b.copy('A/k', 'k')", ["s3.CopyObject Bucket=B CopySource=A/k Key=k"]),
    "bucket's policy": (BUCKET + "b.Policy().put(Policy='{}')", ["s3.PutBucketPolicy Bucket=B Policy={}"]),
    "object's download": (BUCKET + "b.Object('k').download_file('f')", ["s3.GetObject Bucket=B Filename=f Key=k"]),
    "queue": (
        "import boto3\nboto3.resource('sqs').Queue('u').send_message(MessageBody='m')",
        ["sqs.SendMessage QueueUrl=u MessageBody=m"],
    ),
    "queue by name": (
        "import boto3\nq = boto3.resource('sqs').get_queue_by_name(QueueName='n')\n"
        "for m in q.receive_messages():\n  m.delete()",
        ["sqs.GetQueueUrl QueueName=n", "sqs.ReceiveMessage QueueUrl=?", "sqs.DeleteMessage QueueUrl=? ReceiptHandle=?"],
    ),
    "topic": ("import boto3\nboto3.resource('sns').Topic('t').publish(Message='m')", ["sns.Publish TopicArn=t Message=m"]),
    "instances": (
        "import boto3\ne = boto3.resource('ec2')\nfor i in e.instances.filter(Filters=[]):\n  i.stop(); i.state",
        ["ec2.DescribeInstances Filters=?", "ec2.StopInstances InstanceIds=?"],
    ),
    "instances, all at once": (
        "import boto3\nboto3.resource('ec2').instances.all().terminate()",
        ["ec2.DescribeInstances", "ec2.TerminateInstances InstanceIds=?"],
    ),
    "instance": ("import boto3\nboto3.resource('ec2').Instance('i').terminate()", ["ec2.TerminateInstances InstanceIds=i"]),
    "instance's volume": (
        "import boto3\nfor v in boto3.resource('ec2').Instance('i').volumes.all():\n  v.create_snapshot()",
        ["ec2.DescribeVolumes", "ec2.CreateSnapshot VolumeId=?"],
    ),
    "role": (
        "import boto3\nboto3.resource('iam').Role('r').detach_policy(PolicyArn='p')",
        ["iam.DetachRolePolicy RoleName=r PolicyArn=p"],
    ),
    "stack": ("import boto3\nboto3.resource('cloudformation').Stack('s').delete()", ["cloudformation.DeleteStack StackName=s"]),
    "alarm": (
        "import boto3\nboto3.resource('cloudwatch').Alarm('a').disable_actions()",
        ["cloudwatch.DisableAlarmActions AlarmNames=a"],
    ),
    "vault": (
        "import boto3\nboto3.resource('glacier').Vault('-', 'v').create()",
        ["glacier.CreateVault accountId=- vaultName=v"],
    ),
    # values
    "variable": (S3 + "s3.get_object(Bucket=os.environ['B'])", ["s3.GetObject Bucket=$B"]),
    "variable with default": (S3 + "s3.get_object(Bucket=os.getenv('B', 'd'))", ["s3.GetObject Bucket=$B(d)"]),
    "variable or": (S3 + "s3.get_object(Bucket=os.environ.get('B') or 'd')", ["s3.GetObject Bucket=$B|d"]),
    "variable with computed default": (
        S3 + "s3.get_object(Bucket=os.getenv('B', os.getenv('C')))",
        ["s3.GetObject Bucket=$B|$C"],
    ),
    "variable through a function": (
        S3 + "def env(n):\n  return os.environ[n]\ns3.get_object(Bucket=env('B'), Key=env('K'))",
        ["s3.GetObject Bucket=$B Key=$K"],
    ),
    "variable overwritten": (S3 + "os.environ['B'] = x\ns3.get_object(Bucket=os.environ['B'])", ["s3.GetObject Bucket=$B|?"]),
    "f-string": (S3 + "N = 'n'\ns3.get_object(Bucket=f\"{N}-{os.environ['E']}-{x}\")", ["s3.GetObject Bucket=n-$E-?"]),
    "percent": (S3 + "s3.get_object(Bucket='%s-%s' % ('a', os.environ['E']))", ["s3.GetObject Bucket=a-$E"]),
    "format": (S3 + "s3.get_object(Bucket='{}-{x}'.format('a', x='b'))", ["s3.GetObject Bucket=a-b"]),
    "plus": (S3 + "s3.get_object(Bucket='a-' + os.environ['E'] + '/' + x)", ["s3.GetObject Bucket=a-$E/?"]),
    "join": (S3 + "s3.get_object(Key='/'.join(['a', x, 'b']))", ["s3.GetObject Key=a/?/b"]),
    "path": (S3 + "s3.get_object(Key=os.path.join('a', os.environ['E']))", ["s3.GetObject Key=a/$E"]),
    "lower case": (S3 + "s3.get_object(Key=('A-' + os.environ['E']).lower())", ["s3.GetObject Key=a-?"]),
    "string method": (S3 + "s3.get_object(Key='A B'.replace(' ', '-').strip())", ["s3.GetObject Key=A-B"]),
    "added to": (S3 + "k = 'a'\nif x:\n  k += 'b'\ns3.get_object(Key=k)", ["s3.GetObject Key=a|a?"]),
    "grows in a loop": (S3 + "k = ''\nwhile x:\n  k = k + 'a'\ns3.get_object(Key=k)", ["s3.GetObject Key=|?a|a"]),
    "constant dictionary": (
        S3 + "C = {'b': 'B'}\ns3.get_object(Bucket=C['b'], Key=C.get('k', 'd'))",
        ["s3.GetObject Bucket=B Key=d"],
    ),
    "class constant": (S3 + "class C:\n  B = 'B'\ns3.get_object(Bucket=C.B)", ["s3.GetObject Bucket=B"]),
    "changed under another name": (
        S3 + "def f(q):\n  q['Bucket'] = 'b'\np = {'Bucket': 'a'}\nf(p)\ns3.put_object(**p)",
        ["s3.PutObject Bucket=a|b"],
    ),
    "changed inside": (
        S3 + "C = {'d': {'b': 'a'}}\nC['d']['b'] = 'b'\nC['d']['b'] += x\ns3.put_object(Bucket=C['d']['b'])",
        ["s3.PutObject Bucket=a|b|?"],
    ),
    "changed by others": (
        S3 + "def h(e, c):\n  k = {'Bucket': 'a'}\n  k.update(e)\n  s3.put_object(**k)",
        ["s3.PutObject Bucket=a|? …"],
    ),
    "changed before": (S3 + "def h(e, c):\n  s3.put_object(**{**e, 'Bucket': 'a'})", ["s3.PutObject Bucket=a …"]),
    "united with something": (S3 + "def h(e, c):\n  s3.put_object(**({'Bucket': 'a'} | e))", ["s3.PutObject Bucket=a|? …"]),
    "pairs": (
        S3 + "k = {'Bucket': 'a'}\nk.update([('Bucket', 'b')])\ns3.put_object(**k)",
        ["s3.PutObject Bucket=a|? 0=?|Bucket|b …"],
    ),
    "attribute set by name": (
        S3 + "class C:\n  B = 'a'\ndef h(e, c):\n  setattr(C, e['k'], e['v'])\n  s3.put_object(Bucket=C.B)",
        ["s3.PutObject Bucket=a|?"],
    ),
    "constant of a class that inherits": (
        S3 + "class A:\n  b = 'a'\n  def f(self):\n    s3.put_object(Bucket=self.b)\nclass B(A):\n  b = 'b'",
        ["s3.PutObject Bucket=a|b"],
    ),
    "next, or else": (S3 + "s3.put_object(Bucket=next((x for x in ['a']), 'b'))", ["s3.PutObject Bucket=a|b"]),
    "filled in": (S3 + "s3.get_object(Bucket='ꀀꀀꀀ', Key='a/ꀁꀁ')", ["s3.GetObject Bucket=#0 Key=a/#1"]),
    "filled in, bare": (S3 + "s3.get_object(Bucket=ꀀꀀꀀ)", ["s3.GetObject Bucket=#0"]),
    "event": (
        S3 + "def h(e, c):\n  for r in e['Records']:\n    s3.get_object(Bucket=r['b'], Key=r['k'])",
        ["s3.GetObject Bucket=? Key=?"],
    ),
    "own region": (
        S3 + "s3.get_object(Bucket='b-' + boto3.session.Session().region_name)",
        ["s3.GetObject Bucket=b-$AWS_REGION"],
    ),
    # other packages
    "powertools": (
        "from aws_lambda_powertools.utilities import parameters\nparameters.get_parameter('/p')",
        ["ssm.GetParameter Name=/p"],
    ),
    "powertools' secret": (
        "from aws_lambda_powertools.utilities.parameters import get_secret\nget_secret(name='s')",
        ["secretsmanager.GetSecretValue SecretId=s"],
    ),
}

# Code that makes no request, and where none may be left in doubt.
NOTHING = {
    "methods of anything": "def h(e, c):\n  e['x'].delete()\n  e.get('y').put_item(Item=1)\n  c.publish()",
    "dictionary": "d = {'a': 1}\nd.get('a'); d.update(b=2); d.copy(); d.items(); d.pop('a')",
    "answers": S3.replace("s3", "x", 1) + "# no call",
    "an answer's body": "import boto3, json\ndef h(e, c):\n  return json.loads(e['Body'].read())",
    "cfnresponse": "import cfnresponse\ndef h(e, c):\n  cfnresponse.send(e, c, cfnresponse.SUCCESS, {})",
    "requests": (
        "import requests, urllib.request, urllib3\nrequests.delete('https://x'); urllib3.PoolManager().request('PUT', 'x')"
    ),
    "logging": "import logging\nlog = logging.getLogger()\nlog.info('x')",
    "databases": "import pymysql, psycopg2\nc = pymysql.connect(host='h')\nc.cursor().execute('DELETE')\nc.close()",
    "own classes": "class S3:\n  def put_object(self, **k): pass\ns3 = S3()\ns3.put_object(Bucket='b')",
    "clients that do nothing": S3
    + "s3.exceptions.NoSuchKey; s3.can_paginate('x'); s3.close(); s3.meta.region_name; s3.meta.events.register('a', f)",
    "a client that is printed": S3 + "print(s3); isinstance(s3, object); log.info('x', s3)",
    "a client that a function gets and leaves": S3 + "def f(c):\n  pass\ndef h(e, x):\n  f(s3)",
    "clients of which one is used": "import boto3\nC = {'a': boto3.client('s3'), 'b': 1}\nprint(C['b'])",
    "a maker of clients that nobody calls": "import boto3\ndef f():\n  return boto3.client('s3')",
    "types of clients": "from mypy_boto3_s3 import S3Client",
    "a client that is tested": S3 + "if s3 is not None and x: pass",
    "resources that are only named": DYNAMODB + "t = d.Table('T')\nprint(t.name)",
    "config": (
        "import boto3\nfrom botocore.config import Config\nboto3.client('s3', config=Config(retries={'max_attempts': 3}))"
    ),
    "errors": "from botocore.exceptions import ClientError\ntry: pass\nexcept ClientError as e: e.response['Error']['Code']",
    "conditions": "from boto3.dynamodb.conditions import Key, Attr\nKey('a').eq('b') & Attr('c').exists()",
    "types": "from boto3.dynamodb.types import TypeDeserializer\nTypeDeserializer().deserialize({})",
    "powertools' logger": (
        "from aws_lambda_powertools import Logger, Tracer\nlogger = Logger()\n@logger.inject_lambda_context\ndef h(e, c): pass"
    ),
    "xray": "from aws_xray_sdk.core import xray_recorder, patch_all\npatch_all()",
    "harmless command": "import subprocess\nsubprocess.run(['ls', '-l', '/tmp'])",
    "old libraries": "import imp, distutils, telnetlib",
    "locals": "def h(e, c):\n  return e if 'x' in locals() else c",
    "a regular expression": "import re\nre.compile('x').search('y')",
    "signing with a key of one's own": "import hmac, hashlib\nhmac.new(b'k', b'm', hashlib.sha256).hexdigest()",
    "threads": "import threading\ndef f(): pass\nt = threading.Thread(target=f)\nt.start(); t.join()",
    "a name only": "x = {'generate_presigned_url': 1}",
}
NOTHING["answers"] = "import boto3\ndef h(e, c):\n  r = e['Items']\n  r.sort(); r[0].update({}); return r"

# Code, and why it can't be told which requests it makes.
GAPS = {
    "service from the event": (
        "import boto3\ndef h(e, c):\n  boto3.client(e['s'])",
        "makes a client of a service that the text does not tell",
    ),
    "unknown service": ("import boto3\nboto3.client('dynamo')", "makes a client of dynamo, which is not known here"),
    "no such resource": ("import boto3\nboto3.resource('lambda')", "makes a client of lambda, which is not known here"),
    "unknown arguments of a client": (
        "import boto3\nboto3.client('s3', **x)",
        "makes a client with arguments that the text does not tell",
    ),
    "unknown operation": (S3 + "s3.put_objekt(Bucket='b')", "calls put_objekt, which is no operation of s3 that is known"),
    "method by an unknown name": (
        S3 + "def h(e, c):\n  getattr(s3, e['m'])()",
        "looks up a method of a client by a name that the text does not tell",
    ),
    "client handed to a package": (S3 + "import yaml\nyaml.load(s3)", "hands a client to code that is not followed"),
    "client handed to the unknown": (S3 + "def h(e, c):\n  e['f'](s3)", "hands a client to code that is not followed"),
    "client handed beside a function": (
        S3 + "def h(e, c):\n  e['f'](s3, key=lambda x: x)",
        "hands a client to code that is not followed",
    ),
    "session handed to the unknown": (
        "import boto3\ndef h(e, c):\n  e['f'](boto3.Session())",
        "hands a client to code that is not followed",
    ),
    "names looked up": (S3 + "globals()['s3'].list_buckets()", "looks up its own names in a way that is not followed"),
    "clients handed in a list": (S3 + "def h(e, c):\n  e['f']([1, {'s': s3}])", "hands a client to code that is not followed"),
    "maker of clients handed on": (
        "import boto3, functools\nfunctools.partial(boto3.client, 's3')().list_buckets()",
        "hands a client to code that is not followed",
    ),
    "maker of clients mapped": ("import boto3\nlist(map(boto3.client, ['s3']))", "hands a client to code that is not followed"),
    "clients made in a pool": (
        "import boto3\nfrom concurrent.futures import ThreadPoolExecutor\ndef f(r):\n"
        "  return boto3.client('s3', region_name=r)\nwith ThreadPoolExecutor() as pool:\n"
        "  for c in pool.map(f, ['x']):\n    c.list_buckets()",
        "hands a client to code that is not followed",
    ),
    "client out of sight": (
        "import boto3\nclass A:\n  def __init__(self, **k):\n    self.__dict__.update(k)\n"
        "A(s=boto3.client('s3')).s.list_buckets()",
        "makes a client of s3, and it does not show what for",
    ),
    "own module by name": (
        "import sys\ndef h(e, c):\n  getattr(sys.modules[__name__], e['f'])()",
        "looks up its own names in a way that is not followed",
    ),
    "names of boto3": (
        "import boto3\nboto3.__dict__['client']('s3').list_buckets()",
        "looks up its own names in a way that is not followed",
    ),
    "client put somewhere": (S3 + "def h(e, c):\n  e['a']()['b'] = s3", "hands a client to code that is not followed"),
    "paginator by an unknown name": (
        S3 + "def h(e, c):\n  s3.get_paginator(e['p'])",
        "makes a paginator that the text does not tell",
    ),
    "waiter by an unknown name": (S3 + "s3.get_waiter('nothing')", "makes a waiter that the text does not tell"),
    "unknown request signed": (
        S3 + "def h(e, c):\n  s3.generate_presigned_url(e['m'])",
        "signs the address of a request that the text does not tell",
    ),
    "database token": ("import boto3\nboto3.client('rds').generate_db_auth_token()", "signs in to a database with the role"),
    "unknown package": ("import crhelper", "loads crhelper, whose code is not known here"),
    "asynchronous SDK": ("import aioboto3", "loads aioboto3, whose code is not known here"),
    "own file": ("from . import helpers", "loads ., whose code is not in the template"),
    "own file's name": ("from .helpers import x", "loads .helpers, whose code is not in the template"),
    "package by an unknown name": (
        "import importlib\ndef h(e, c):\n  importlib.import_module(e['m'])",
        "loads a module that the text does not tell",
    ),
    "package by name": ("__import__('crhelper')", "loads crhelper, whose code is not known here"),
    "command": ("import subprocess\nsubprocess.run(['aws', 's3', 'ls'])", "runs a command, which may act with the role"),
    "command in a shell": ("import os\nos.system('bash run.sh')", "runs a command, which may act with the role"),
    "unknown command": (
        "import subprocess\ndef h(e, c):\n  subprocess.check_output(e['c'])",
        "runs a command, which may act with the role",
    ),
    "exec": ("exec('import boto3')", "runs code that it makes (exec)"),
    "eval": ("def h(e, c):\n  eval(e['x'])", "runs code that it makes (eval)"),
    "signature": ("from botocore.auth import SigV4Auth", "signs requests with the credentials of the role"),
    "signature, by module": (
        "import botocore.auth\nbotocore.auth.SigV4Auth(1, 2, 3)",
        "signs requests with the credentials of the role",
    ),
    "signature by a package": (
        "from requests_aws4auth import AWS4Auth",
        "loads requests_aws4auth, whose code is not known here",
    ),
    "credentials": (
        "import boto3\nboto3.Session().get_credentials()",
        "takes the credentials of the role, to sign requests with them",
    ),
    "credentials of the environment": ("import os\nos.environ['AWS_SESSION_TOKEN']", "reads the credentials of the role"),
    "environment changed": ("import os\nos.environ['AWS_PROFILE'] = 'x'", "sets the environment that boto3 reads"),
    "default session": ("import boto3\nboto3.setup_default_session(profile_name='x')", "sets the credentials of all clients"),
    "all names of boto3": ("from boto3 import *", "takes all names of boto3"),
    "powertools' flags": (
        "from aws_lambda_powertools.utilities.feature_flags import FeatureFlags",
        "reads its flags from AppConfig",
    ),
    "powertools' provider": (
        "from aws_lambda_powertools.utilities import parameters\nparameters.SSMProvider()",
        "reads parameters in a way that can't be told",
    ),
    "raw request": (S3 + "s3._make_api_call('x', {})", "calls _make_api_call, which is no operation of s3 that is known"),
}

# Code, and the variables it reads, `!` where it fails without; `*` for any.
VARIABLES = [
    ("import os\nos.environ['A']", ["A!"]),
    ("import os as o\no.environ.get('A')", ["A"]),
    ("import os\nos.environ.get('A', 'd')", ["A=d"]),
    ("import os\nos.environ.get('A', '')", ["A="]),
    ("import os\nos.environ.get('A', default=None)", ["A"]),
    ("import os\nos.getenv('A', default='x')", ["A=x"]),
    ("import os\nint(os.environ.get('A', 5))", ["A=5"]),
    ("from os import environ, getenv\nenviron['A']; getenv('B')", ["A!", "B"]),
    ("from os import environ as e\ne.pop('A'); e.pop('B', 1); e.setdefault('C', 'c')", ["A!", "B=1", "C=c"]),
    ("import os\nN = 'A'\nos.environ[N]", ["A!"]),
    ("import os\ne = os.environ\ne['A']", ["A!"]),
    ("import os\ndef f(n, d=None):\n  return os.getenv(n, d)\nf('A'); f('B')", ["A", "B"]),
    ("import os\nfor n in ('A', 'B'):\n  os.environ[n]", ["A!", "B!"]),
    ("import os\n'A' in os.environ", ["A"]),
    ("import os\ntry:\n  os.environ['A']\nexcept KeyError:\n  pass", ["A"]),
    ("import os\ntry:\n  os.environ['A']\nexcept Exception:\n  raise", ["A!"]),
    ("import os\ndict(os.environ)", ["*"]),
    ("import os\nfor k in os.environ: pass", ["*"]),
    ("import os\nos.environ.copy()", ["*"]),
    ("import os\nf(**os.environ)", ["*"]),
    ("import os\ndef h(e, c):\n  return os.environ[e['n']]", ["*"]),
    ("import os\ndef h(e, c):\n  return os.environ[f\"{e['n']}_A\"]", ["*"]),
    ("from os import *\n", ["*"]),
    ("import os\nos.environ['A'] = 'x'\ndel os.environ['B']", []),
    ("environ = {}\nenviron['A']", []),
    ("import os\nos.environ['ꀀꀀ']", ["*"]),
]


def _value(value: Value) -> str:
    return "".join(
        each.text
        if isinstance(each, Text)
        else f"${each.name}" + (f"({each.default})" if each.default is not None else "")
        if isinstance(each, Variable)
        else f"#{each.index}"
        if isinstance(each, Filled)
        else "?"
        for each in value
    )


def _said(call: SdkCall) -> tuple[str, frozenset[str]]:
    """A call in the words of the tables, with its arguments in any order."""
    words = {f"{name}=" + "|".join(sorted(map(_value, values))) for name, values in call.arguments.items()}
    words |= {"…"} if not call.complete else set()
    words |= {"foreign"} if not call.own else set()
    words |= {"@" + "|".join(sorted(map(_value, call.region)))} if call.region else set()
    return f"{call.service}.{call.operation}", frozenset(words)


def _wanted(row: str) -> tuple[str, frozenset[str]]:
    name, *words = row.split(" ")
    return name, frozenset(word if "=" not in word else _sorted(word) for word in words)


def _sorted(word: str) -> str:
    name, _, values = word.partition("=")
    return f"{name}=" + "|".join(sorted(values.split("|")))


@pytest.mark.parametrize(("code", "calls"), CALLS.values(), ids=CALLS)
def test_calls(code: str, calls: list[str]) -> None:
    found = behaviour(code)
    assert found
    assert sorted(map(_said, found.calls), key=repr) == sorted(map(_wanted, calls), key=repr)
    assert not found.gaps


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING)
def test_what_is_no_request(code: str) -> None:
    found = behaviour(code)
    assert found
    assert (found.calls, found.gaps) == ((), ())


@pytest.mark.parametrize(("code", "reason"), GAPS.values(), ids=GAPS)
def test_gaps(code: str, reason: str) -> None:
    found = behaviour(code)
    assert found
    assert [each.reason for each in found.gaps] == [reason] * len(found.gaps)
    assert found.gaps


@pytest.mark.parametrize(("code", "variables"), VARIABLES)
def test_variables(code: str, variables: list[str]) -> None:
    found = behaviour(code)
    assert found
    said = [
        each.name + "!" * each.required + (f"={each.default}" if each.default is not None else "") for each in found.variables
    ]
    assert said + ["*"] * found.any_variable == variables


def test_places_count_characters() -> None:
    """Columns of the tree are bytes; ours are characters, also behind line breaks of every kind."""
    code = "import os\r\nx = 'äöü€😀'; import json; y = os.environ['A']\rz = 1"
    found = behaviour(code)
    assert found
    assert [code[each.start : each.end] for each in found.variables] == ["os.environ['A']"]
    assert [(each.name, code[each.start : each.end]) for each in found.modules] == [
        ("os", "import os"),
        ("json", "import json"),
    ]


@pytest.mark.parametrize("code", ["def f(", "x = '\0'", "print 1"])
def test_what_is_no_python(code: str) -> None:
    assert behaviour(code) is None


@pytest.mark.parametrize(
    "code",
    [
        "",
        "(" * 60 + ")" * 60,
        "x = " + "+".join(["'a'"] * 3000),
        "x = [x]\ny = {**y, 'a': y}\nx += x\ny.update(y)\nprint(x[0], y['a'])",
        "def f(g): return g(f)\nf(f)(f)",
        "class A(A): pass\nA().b.c()",
        "\n".join(f"def f{n}(x): return f{(n + 1) % 40}(f{(n + 7) % 40}(x))" for n in range(40)),
        "*a, b = c\nfor d.e in f: pass\nwith g() as (h, i): pass\n[j := 1 for k in l]",
        "match x:\n  case {'a': y, **z}: y()\n  case [a, *b] | a as b: b.c()",
    ],
)
def test_odd_code(code: str) -> None:
    """Whatever it is, there is an answer."""
    assert behaviour(code) is None or not behaviour(code).calls  # type: ignore[union-attr]


def test_a_call_for_people() -> None:
    found = behaviour(DYNAMODB + "t = d.Table('T')\nt.put_item(Item={})\nboto3.client('sts').get_caller_identity()")
    assert found
    assert [(each.line, each.text) for each in found.calls] == [(4, "t.put_item"), (5, "sts.get_caller_identity")]
    found = behaviour("import boto3\nboto3.client('rds').get_paginator('describe_db_instances').paginate()")
    assert found
    assert [each.text for each in found.calls] == ["rds.describe_db_instances"]


CORPUS = os.environ.get("REMEDIATOR_CORPUS")
SAMPLE = Path(__file__).parent / "lambda_calls" / "python.toml"


def _functions(folder: Path, names: set[str]) -> Iterator[tuple[str, str, str]]:
    for path in sorted(each for each in folder.rglob("*.*") if each.name in names):
        try:
            template = Template(Source.from_bytes(path.read_bytes()))
        except TemplateError:
            continue
        for function in template.resources.values():
            code = inline_code(function)
            if code is not None:
                yield path.name, function.logical_id, code.text


@pytest.mark.skipif(not CORPUS, reason="REMEDIATOR_CORPUS names no folder with templates")
def test_functions_of_real_templates() -> None:
    """What was read by hand from their code is found, and nothing else."""
    sample = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    right = wanted = told = 0
    for file, function, text in _functions(Path(str(CORPUS)), set(sample)):
        if function in sample[file]:
            found = behaviour(text)
            assert found, (file, function)
            calls = {f"{each.line} {each.service}.{each.operation}" for each in found.calls}
            read = set(sample[file][function])
            right, wanted, told = right + len(calls & read), wanted + len(read), told + len(calls)
    assert wanted, "the folder has none of the templates"
    assert right / wanted >= 0.97
    assert right / told >= 0.97
