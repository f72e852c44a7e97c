"""What inline JavaScript code of functions does: requests to AWS, reads of variables, modules, and what is not understood."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from remediator import TemplateError
from remediator.lambda_code import Behaviour, Filled, SdkCall, Text, Value, Variable, behaviour, inline_code
from remediator.source import Source
from remediator.template import Template

V2 = "const AWS = require('aws-sdk');"
S3 = "const { S3Client, PutObjectCommand, GetObjectCommand } = require('@aws-sdk/client-s3'); const s3 = new S3Client({});"
DOCUMENTS = (
    "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';"
    "import { DynamoDBDocumentClient, DynamoDBDocument, GetCommand, BatchGetCommand } from '@aws-sdk/lib-dynamodb';"
)

CALLS = {
    # what adversaries found
    "credentials that may be missing": (
        S3 + "let credentials; if (x) { credentials = { accessKeyId: y, secretAccessKey: z }; }"
        "new S3Client({ credentials }).send(new PutObjectCommand({ Bucket: 'b' }));",
        ["s3.PutObject Bucket=b"],
    ),
    "credentials that are spread": (
        S3 + "const c = { accessKeyId: y, secretAccessKey: z };"
        "new S3Client({ ...(x ? { credentials: c } : {}) }).send(new PutObjectCommand({ Bucket: 'b' }));",
        ["s3.PutObject Bucket=b"],
    ),
    "a hook of a class that inherits": (
        S3 + "class A { run() { return this.client().send(new PutObjectCommand({ Bucket: this.b })); } b = 'a'; }"
        "class B extends A { client() { return s3; } b = 'b'; } new B().run();",
        ["s3.PutObject Bucket=a|b"],
    ),
    "arguments that others may replace": (
        S3 + "exports.handler = (e) => s3.send(new PutObjectCommand({ Bucket: 'a', ...e }));",
        ["s3.PutObject Bucket=?|a incomplete"],
    ),
    "arguments that replace others": (
        S3 + "exports.handler = (e) => s3.send(new PutObjectCommand({ ...e, Bucket: 'a' }));",
        ["s3.PutObject Bucket=a incomplete"],
    ),
    "a command that is changed": (
        S3 + "const c = new PutObjectCommand({ Bucket: 'a' }); c.input.Bucket = x; s3.send(c);",
        ["s3.PutObject incomplete"],
    ),
    "a template's tag": (
        "const { S3 } = require('@aws-sdk/client-s3'); const f = (t, c) => c.listBuckets(); f`x${new S3({})}`;",
        ["s3.ListBuckets"],
    ),
    "clients of several services in a list": (
        "const { S3 } = require('@aws-sdk/client-s3'); const { SQS } = require('@aws-sdk/client-sqs');"
        "const [a, b] = [new S3({}), new SQS({})]; a.listBuckets(); b.listQueues();",
        ["s3.ListBuckets", "sqs.ListQueues"],
    ),
    "clients by Region": (
        S3 + "const m = new Map(); const f = (r) => { if (!m.has(r)) m.set(r, new S3Client({})); return m.get(r); };"
        "exports.handler = (e) => e.r.map((r) => f(r).send(new GetObjectCommand({ Bucket: 'b' })));",
        ["s3.GetObject Bucket=b"],
    ),
    # version 2
    "a client": (
        V2 + "const s = new AWS.S3(); s.getObject({ Bucket: 'b', Key: 'k' }).promise();",
        ["s3.GetObject Bucket=b Key=k"],
    ),
    "a callback": (V2 + "new AWS.SQS().purgeQueue({ QueueUrl: 'q' }, (e, d) => {});", ["sqs.PurgeQueue QueueUrl=q"]),
    "one service": ("const S = require('aws-sdk/clients/s3'); new S().listBuckets();", ["s3.ListBuckets"]),
    "a service with file ending": ("import S from 'aws-sdk/clients/sns.js'; new S().publish({});", ["sns.Publish"]),
    "destructured": ("const { SQS: Q } = require('aws-sdk'); new Q().listQueues({});", ["sqs.ListQueues"]),
    "imported": ("import AWS from 'aws-sdk'; new AWS.SNS().listTopics();", ["sns.ListTopics"]),
    "imported as a namespace": ("import * as A from 'aws-sdk'; new A.SNS().listTopics();", ["sns.ListTopics"]),
    "imported by name": (
        "import { Lambda as L } from 'aws-sdk'; new L().invoke({ FunctionName: 'f' });",
        ["lambda.Invoke FunctionName=f"],
    ),
    "names of clients": (
        V2 + "new AWS.StepFunctions().startExecution({}); new AWS.CloudWatchLogs().putLogEvents({}); new AWS.EventBridge()"
        ".listRules({}); new AWS.CognitoIdentityServiceProvider().adminGetUser({}); new AWS.SESV2().sendEmail({});"
        "new AWS.CloudWatchEvents().putRule({}); new AWS.ELBv2().describeRules({}); new AWS.IotData().publish({});",
        [
            "cognito-idp.AdminGetUser",
            "elbv2.DescribeRules",
            "events.ListRules",
            "events.PutRule",
            "iot-data.Publish",
            "logs.PutLogEvents",
            "sesv2.SendEmail",
            "stepfunctions.StartExecution",
        ],
    ),
    "a document client": (
        V2 + "const d = new AWS.DynamoDB.DocumentClient(); d.get({ TableName: 't' }); d.put({}); d.query({}); "
        "d.scan({}); d.update({});"
        "d.delete({}); d.batchGet({}); d.batchWrite({}); d.transactGet({}); d.transactWrite({});",
        [
            "dynamodb.BatchGetItem",
            "dynamodb.BatchWriteItem",
            "dynamodb.DeleteItem",
            "dynamodb.GetItem TableName=t",
            "dynamodb.PutItem",
            "dynamodb.Query",
            "dynamodb.Scan",
            "dynamodb.TransactGetItems",
            "dynamodb.TransactWriteItems",
            "dynamodb.UpdateItem",
        ],
    ),
    "a document client alone": (
        "const { DocumentClient } = require('aws-sdk/clients/dynamodb'); new DocumentClient().scan({});",
        ["dynamodb.Scan"],
    ),
    "an upload": (V2 + "new AWS.S3().upload({ Bucket: 'b', Body: x }).promise();", ["s3.PutObject Body=? Bucket=b"]),
    "a managed upload": (V2 + "new AWS.S3.ManagedUpload({ params: { Bucket: 'b' } });", ["s3.PutObject Bucket=b"]),
    "signed": (V2 + "new AWS.S3().getSignedUrl('getObject', { Bucket: 'b' });", ["s3.GetObject Bucket=b"]),
    "a signed post": (
        V2 + "new AWS.S3().createPresignedPost({ Bucket: 'b', Fields: {} });",
        ["s3.PutObject Bucket=b incomplete"],
    ),
    "a waiter of old": (V2 + "new AWS.S3().waitFor('objectExists', { Bucket: 'b' });", ["s3.HeadObject Bucket=b"]),
    "traced": (
        "const X = require('aws-xray-sdk'); const AWS = X.captureAWS(require('aws-sdk')); new AWS.S3().listBuckets();",
        ["s3.ListBuckets"],
    ),
    "settings": (
        V2 + "AWS.config.update({ region: 'eu-west-1' }); new AWS.S3().listBuckets();",
        ["s3.ListBuckets in eu-west-1"],
    ),
    "a setting": (V2 + "AWS.config.region = 'eu-west-1'; new AWS.S3().listBuckets();", ["s3.ListBuckets in eu-west-1"]),
    "own Region": (V2 + "new AWS.S3({ region: process.env.AWS_REGION || 'us-east-1' }).listBuckets();", ["s3.ListBuckets"]),
    "named methods": (
        V2 + "const s = new AWS.S3(); for (const m of ['getObject', 'putObject']) s[m]({ Bucket: 'b' });",
        ["s3.GetObject Bucket=b", "s3.PutObject Bucket=b"],
    ),
    "a method handed on": (
        V2 + "const util = require('util'); const s = new AWS.S3(); const get = util.promisify(s.getObject).bind(s); get({});",
        ["s3.GetObject incomplete"],
    ),
    "compiled from TypeScript": (
        "var __importDefault = (this && this.__importDefault) || function (mod) { return (mod && mod.__esModule) ? mod :"
        " { 'default': mod }; }; const aws_sdk_1 = __importDefault(require('aws-sdk')); "
        "new aws_sdk_1.default.S3().listBuckets();",
        ["s3.ListBuckets"],
    ),
    # version 3
    "a command": (S3 + "s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k' }));", ["s3.PutObject Bucket=b Key=k"]),
    "a command made elsewhere": (
        S3 + "const c = new GetObjectCommand({ Bucket: 'b' }); run(() => s3.send(c));",
        ["s3.GetObject Bucket=b"],
    ),
    "a namespace": (
        "import * as s3 from '@aws-sdk/client-s3'; new s3.S3Client().send(new s3.HeadBucketCommand({}));",
        ["s3.HeadBucket"],
    ),
    "clients by package": (
        "const { StartExecutionCommand: A } = require('@aws-sdk/client-sfn'); "
        "const { PutEventsCommand: B } = require('@aws-sdk/"
        "client-eventbridge'); const { PutLogEventsCommand: C } = require('@aws-sdk/client-cloudwatch-logs'); "
        "new A({}); new B({}); new C({});",
        ["events.PutEvents", "logs.PutLogEvents", "stepfunctions.StartExecution"],
    ),
    "an aggregated client": (
        "const { S3 } = require('@aws-sdk/client-s3'); new S3({}).putObject({ Bucket: 'b' });",
        ["s3.PutObject Bucket=b"],
    ),
    "a paginator": (
        "import { paginateListObjectsV2 as p, S3Client } from '@aws-sdk/client-s3';"
        "for await (const page of p({ client: new S3Client({ region: 'eu-west-1' }) }, { Bucket: 'b' })) {}",
        ["s3.ListObjectsV2 Bucket=b in eu-west-1"],
    ),
    "a waiter": (
        "const { waitUntilObjectExists, S3Client } = require('@aws-sdk/client-s3');"
        "waitUntilObjectExists({ client: new S3Client(), maxWaitTime: 9 }, { Bucket: 'b' });",
        ["s3.HeadObject Bucket=b"],
    ),
    "documents": (
        DOCUMENTS + "DynamoDBDocumentClient.from(new DynamoDBClient({})).send(new GetCommand({ TableName: 't' }));",
        ["dynamodb.GetItem TableName=t"],
    ),
    "aggregated documents": (
        DOCUMENTS + "DynamoDBDocument.from(new DynamoDBClient()).get({ TableName: 't' });",
        ["dynamodb.GetItem TableName=t"],
    ),
    "an upload in parts": (
        S3 + "const { Upload } = require('@aws-sdk/lib-storage'); new Upload({ client: s3, params: { Bucket: 'b' } }).done();",
        ["s3.PutObject Bucket=b"],
    ),
    "a signed command": (
        S3 + "const { getSignedUrl } = require('@aws-sdk/s3-request-presigner'); "
        "getSignedUrl(s3, new GetObjectCommand({ Bucket: 'b' }));",
        ["s3.GetObject Bucket=b"],
    ),
    "a signed form": (
        S3 + "const { createPresignedPost: p } = require('@aws-sdk/s3-presigned-post'); "
        "p(s3, { Bucket: 'b', Key: 'k', Expires: 1 });",
        ["s3.PutObject Bucket=b Key=k incomplete"],
    ),
    "loaded when needed": ("const { S3, } = await import('@aws-sdk/client-s3'); new S3().listBuckets();", ["s3.ListBuckets"]),
    "loaded by a require that is made": (
        "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url);"
        "const { S3 } = load('aws-sdk'); new S3().listBuckets();",
        ["s3.ListBuckets"],
    ),
    "loaded with then": ("import('@aws-sdk/client-s3').then(({ S3 }) => new S3().listBuckets());", ["s3.ListBuckets"]),
    "a traced client": (
        S3
        + "const { captureAWSv3Client: t } = require('aws-xray-sdk-core'); t(s3).send(new GetObjectCommand({ Bucket: 'b' }));",
        ["s3.GetObject Bucket=b"],
    ),
    "a class handed to a function": (
        S3 + "const run = (C, input) => s3.send(new C(input)); run(PutObjectCommand, { Bucket: 'b' });",
        ["s3.PutObject Bucket=b"],
    ),
    "one of two commands": (
        S3 + "const all = { put: PutObjectCommand, get: GetObjectCommand }; "
        "exports.handler = (e) => s3.send(new all[e.what]({ Bucket: 'b' }));",
        ["s3.GetObject Bucket=b", "s3.PutObject Bucket=b"],
    ),
    "a class handed on": (S3 + "later(PutObjectCommand);", ["s3.PutObject incomplete"]),
    "without arguments": (
        "import { S3Client, ListBucketsCommand } from '@aws-sdk/client-s3'; new S3Client().send(new ListBucketsCommand());",
        ["s3.ListBuckets"],
    ),
    # credentials
    "another role": (
        "const { S3Client, ListBucketsCommand } = require('@aws-sdk/client-s3'); const { fromTemporaryCredentials } ="
        "require('@aws-sdk/credential-providers'); const credentials = fromTemporaryCredentials({ params: { RoleArn: 'r' } });"
        "new S3Client({ credentials }).send(new ListBucketsCommand({}));",
        ["s3.ListBuckets other role", "sts.AssumeRole RoleArn=r"],
    ),
    "keys from an answer": (
        V2 + "async function f() { const { Credentials: c } = await new AWS.STS().assumeRole({ RoleArn: 'r' }).promise();"
        "return new AWS.S3({ accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey }).listBuckets().promise(); }",
        ["s3.ListBuckets other role", "sts.AssumeRole RoleArn=r"],
    ),
    "own credentials": (
        "const { S3 } = require('@aws-sdk/client-s3'); "
        "const { fromNodeProviderChain: own } = require('@aws-sdk/credential-providers');"
        "new S3({ credentials: own() }).listBuckets({});",
        ["s3.ListBuckets"],
    ),
    # ways of values
    "texts": (
        S3 + "const a = 'x'; new PutObjectCommand({ Bucket: `${a}-b`, Key: 'k/' + event.id + \"\\n\" });",
        ["s3.PutObject Bucket=x-b Key=k/?\n"],
    ),
    "alternatives": (
        S3 + "new PutObjectCommand({ Bucket: e ? 'a' : 'b', Key: x || 'k' });",
        ["s3.PutObject Bucket=a|b Key=?|k"],
    ),
    "variables": (
        S3 + "const { B, C = 'c', D: d } = process.env; "
        "new PutObjectCommand({ Bucket: B, Key: C, Body: d, ACL: process.env.E ?? 'e' });",
        ["s3.PutObject ACL=$E(e) Body=$D Bucket=$B Key=$C(c)"],
    ),
    "what is filled in": (S3 + "new PutObjectCommand({ Bucket: 'ꀁꀁ-x', Key: ꀀꀀ });", ["s3.PutObject Bucket=#1-x Key=#0"]),
    "an object changed later": (
        S3 + "const p = { Bucket: 'b' }; p.Key = 'k'; p['Body'] = 1; new PutObjectCommand(p);",
        ["s3.PutObject Body=1 Bucket=b Key=k"],
    ),
    "spread": (
        S3 + "const p = { Bucket: 'b' }; new PutObjectCommand({ ...p, ...(x && { Key: 'k' }) });",
        ["s3.PutObject Bucket=b Key=k"],
    ),
    "unknown spread": (S3 + "new PutObjectCommand({ ...event, Bucket: 'b' });", ["s3.PutObject Bucket=b incomplete"]),
    "unknown arguments": (
        S3 + "exports.handler = (event) => s3.send(new PutObjectCommand(event));",
        ["s3.PutObject incomplete"],
    ),
    "text that is changed": (
        S3 + "new PutObjectCommand({ Bucket: 'b'.concat(x), Key: 'k'.slice(1) });",
        ["s3.PutObject Bucket=? Key=?"],
    ),
    "an array grows": (
        V2 + "const l = ['a']; l.push('b'); new AWS.EC2().startInstances({ InstanceIds: l });",
        ["ec2.StartInstances InstanceIds=a|b"],
    ),
    "what is inside": (
        V2 + "new AWS.DynamoDB.DocumentClient().transactWrite({ TransactItems: [{ Put: { TableName: 'a' } }, { "
        "Delete: { TableName: 'b' } }] });",
        [
            "dynamodb.TransactWriteItems TransactItems=Delete|Put TransactItems[].Delete=TableName"
            " TransactItems[].Delete.TableName=b TransactItems[].Put=TableName TransactItems[].Put.TableName=a"
        ],
    ),
    "keys of an object": (
        DOCUMENTS + "new BatchGetCommand({ RequestItems: { [process.env.T]: x } });",
        ["dynamodb.BatchGetItem RequestItems=$T"],
    ),
    "parameters": (
        S3 + "const put = async ({ bucket = 'd', key }) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key }));"
        "put({ key: 'k' }); put({ bucket: 'b', key: 'l' });",
        ["s3.PutObject Bucket=b|d Key=k|l"],
    ),
    "a handler's parameters": (
        S3 + "exports.handler = async ({ bucket = 'd' }) => s3.send(new PutObjectCommand({ Bucket: bucket }));",
        ["s3.PutObject Bucket=?|d"],
    ),
    "a class": (
        V2 + "class Store { #name = 't'; constructor(client) { this.client = client; } get db() { return this.client; }"
        "save(Item) { return this.db.put({ TableName: this.#name, Item }); "
        "} } new Store(new AWS.DynamoDB.DocumentClient()).save(1);",
        ["dynamodb.PutItem Item=1 TableName=t"],
    ),
    "an inherited client": (
        V2 + "class A { constructor() { this.s = new AWS.S3(); "
        "} } class B extends A { run() { return this.s.listBuckets(); } } new B().run();",
        ["s3.ListBuckets"],
    ),
    "a prototype": (
        V2 + "function F() { this.s = new AWS.S3(); } F.prototype.run = function () { this.s.listBuckets(); }; new F().run();",
        ["s3.ListBuckets"],
    ),
    "clients by name": (
        V2 + "const c = { s3: new AWS.S3() }; const { s3 } = c; s3.listBuckets(); c['s3'].listBuckets();",
        ["s3.ListBuckets", "s3.ListBuckets"],
    ),
    "a client made when needed": (
        V2 + "let s; const get = () => (s ??= new AWS.S3()); get().listBuckets();",
        ["s3.ListBuckets"],
    ),
    "a client of each Region": (
        V2 + "const make = (region) => new AWS.EC2({ region }); "
        "Promise.all(['a', 'b'].map((r) => make(r).describeVpcs({}).promise()));",
        ["ec2.DescribeVpcs in a|b"],
    ),
    "clients in a list": (
        V2 + "[new AWS.S3(), new AWS.S3({ region: 'b' })].forEach((s) => s.listBuckets());",
        ["s3.ListBuckets", "s3.ListBuckets in b"],
    ),
    "clients and methods by name": (
        V2 + "const run = (c, m, p) => c[m](p).promise(); run(new AWS.SNS(), 'publish', {}); "
        "run(new AWS.SQS(), 'sendMessage', {});",
        ["sns.Publish", "sqs.SendMessage"],
    ),
    "clients in a map": (V2 + "const m = new Map(); m.set('a', new AWS.S3()); m.get(x).listBuckets();", ["s3.ListBuckets"]),
    "promises": (
        V2 + "const s = new AWS.S3(); s.headObject({ Bucket: 'b' }).promise().then(() => s.deleteObject({ Bucket: "
        "'b' }).promise()).catch(f);",
        ["s3.DeleteObject Bucket=b", "s3.HeadObject Bucket=b"],
    ),
    "exported helpers": (
        V2 + "exports.make = () => new AWS.S3(); exports.handler = () => exports.make().listBuckets();",
        ["s3.ListBuckets"],
    ),
}

NO_CALLS = {
    "collections": "const m = new Map(); m.get('x'); m.set('a', 1); const l = [1]; l.push(2); l.delete(0); "
    "new Set().delete(1);",
    "events": "response.on('end', () => {}); stream.send({}); bus.publish('x'); db.query('SELECT 1'); "
    "table.scan(); client.invoke();",
    "imports without use": S3 + "const { SNSClient } = require('@aws-sdk/client-sns'); new SNSClient({});",
    "errors": "const { ConditionalCheckFailedException: E } = require('@aws-sdk/client-dynamodb'); "
    "if (x instanceof E) {} new E({});",
    "converters": "const { marshall } = require('@aws-sdk/util-dynamodb'); marshall({}); "
    "const AWS = require('aws-sdk'); AWS.DynamoDB.Converter.input(1);",
    "requests over the web": "const https = require('node:https'); "
    "https.request({ method: 'POST' }, (r) => r.on('data', f)).end(); fetch('https://x');",
    "a custom resource's answer": "const r = require('cfn-response'); const s = require('./cfn-response'); "
    "r.send(event, context, r.SUCCESS, {});",
    "harmless modules": "const axios = require('axios'); const { v4 } = require('uuid'); "
    "const m = require('mysql2/promise'); require('lodash/get');"
    "const { Logger } = require('@aws-lambda-powertools/logger'); axios.get(process.env.X); v4(); "
    "m.createConnection({}); new Logger();",
    "fields named as clients": V2
    + "const c = { s3: new AWS.S3() }; exports.handler = (e) => { for (const r of e.Records) f(r.s3.bucket.name); };",
    "a wrapped handler": "const middy = require('@middy/core'); exports.handler = middy(async (e) => e).use({});",
    "settings of a client": S3 + "s3.middlewareStack.add((next) => next, {}); s3.config.region(); s3.destroy();",
    "comments and texts": "// s3.getObject({})\nconst x = 's3.getObject()'; /* new AWS.S3() */",
}

GAPS = {
    "a service by name": (V2 + "new AWS[process.env.S]().list();", "which part of the SDK it uses is decided at run time"),
    "a method by name": (
        V2 + "const s = new AWS.S3(); exports.handler = (e) => s[e.op](e.p);",
        "which operation of s3 it calls",
    ),
    "an operation by name": (
        V2 + "exports.handler = (e) => new AWS.S3().getSignedUrl(e.op, {});",
        "which operation of s3 it calls",
    ),
    "a command by name": (
        "import * as s from '@aws-sdk/client-s3'; exports.handler = (e) => new s[e.c]({});",
        "which part of the SDK",
    ),
    "an unknown method": (V2 + "new AWS.S3().nonsense({});", "s3 has no operation of that name"),
    "an unknown service": (V2 + "new AWS.Nonsense().run({});", "AWS.Nonsense is not known here"),
    "a file": ("const lib = require('./lib'); lib.run();", "it loads ./lib, whose code is not in the template"),
    "a layer": (
        "import { run } from '/opt/nodejs/lib.mjs'; run();",
        "it loads /opt/nodejs/lib.mjs, whose code is not in the template",
    ),
    "an unknown module": ("export * from 'some-own-module';", "it loads some-own-module, whose code is not known here"),
    "a module by name": ("exports.handler = (e) => require(e.name);", "it loads a module whose name is made at run time"),
    "requests of a module": (
        "const { getParameter } = require('@aws-lambda-powertools/parameters/ssm'); getParameter('x');",
        "it loads",
    ),
    "other processes": (
        "require('child_process').execSync('aws s3 ls');",
        "child_process runs code that the text does not show",
    ),
    "eval": ("eval(x);", "eval() runs code"),
    "a function made of text": ("new Function('return 1')();", "Function() runs code"),
    "a signer": ("import { SignatureV4 } from '@smithy/signature-v4'; new SignatureV4({});", "it signs requests itself"),
    "an old signer": ("const aws4 = require('aws4'); aws4.sign({});", "it signs requests itself, with aws4"),
    "a signature by hand": ("const a = `AWS4-HMAC-SHA256 Credential=${x}`;", "it signs requests itself"),
    "own keys": ("const k = process.env.AWS_SECRET_ACCESS_KEY;", "it reads the credentials of the function"),
    "a client handed on": (V2 + "helper(new AWS.S3());", "a client of AWS is handed to helper(), which is not followed"),
    "a client handed on in an object": (V2 + "require('async').map({ s: new AWS.S3() });", "a client of AWS is handed to"),
    "a client that others get": (V2 + "once(() => new AWS.S3())().get(x);", "a client of AWS is returned to once()"),
    "a client out of sight": (
        V2 + "const s = memoize(() => new AWS.S3())(); s.getObject({});",
        "may be a request with a client that is not followed",
    ),
    "unknown credentials": (
        "import { S3 } from '@aws-sdk/client-s3'; new S3({ credentials: given() }).listBuckets();",
        "does not show whose they are",
    ),
    "credentials for all": (
        V2 + "AWS.config.update({ credentials: x }); new AWS.S3().listBuckets();",
        "credentials that are set for all of them",
    ),
    "a class of the SDK extended": (S3 + "class Mine extends S3Client {}", "a class extends one of the SDK"),
    "code that is filled in": ("ꀀꀀꀀꀀ\nexports.handler = () => {};", "CloudFormation fills code in here"),
}

VARIABLES = {
    "process.env.A; process.env['B']; process.env[`C`]": ["A process.env.A", "B process.env['B']", "C process.env[`C`]"],
    "const { A, B = 'b', C: c, D: d = 'd' } = process.env;": ["A A", "B(b) B", "C C: c", "D(d) D"],
    "process.env.A || 'a'; process.env.B ?? 'b'; process.env.C || x;": [
        "A(a) process.env.A",
        "B(b) process.env.B",
        "C process.env.C",
    ],
    "const e = process.env; const { env } = process; e.A; env.B; (process?.env?.C);": ["A e.A", "B env.B", "C process?.env?.C"],
    "import { env } from 'node:process'; import p from 'process'; env.A; p.env.B;": ["A env.A", "B p.env.B"],
    "const v = (n) => process.env[n]; v('A'); v('B');": ["A process.env[n]", "B process.env[n]"],
    "const ü = 'ü'; process.env.A.split(',');": ["A process.env.A"],
    "if ('A' in process.env) {}": ["A 'A' in process.env"],
    "process.env.A = 1;": [],
    "const env = { A: 1 }; env.A; event.env.B;": [],
    S3 + "new PutObjectCommand({ Bucket: process.env.A, Key: process.env.B });": ["A! process.env.A", "B process.env.B"],
    S3 + "const a = process.env.A; if (!a) throw 1; new PutObjectCommand({ Bucket: a });": ["A process.env.A"],
    S3 + "new PutObjectCommand({ Bucket: `x-${process.env.A}` });": ["A process.env.A"],
    S3 + "new PutObjectCommand({ Bucket: process.env.A || 'a' });": ["A(a) process.env.A"],
}

ANY_VARIABLE = [
    "const all = { ...process.env };",
    "const { A, ...rest } = process.env;",
    "Object.keys(process.env);",
    "for (const k in process.env) {}",
    "console.log(process.env);",
    "exports.handler = (e) => process.env[e.x];",
    "const { [x]: y } = process.env;",
    "run(process.env);",
]


def read(text: str) -> Behaviour:
    found = behaviour("nodejs", text)
    assert found is not None
    return found


def said(value: Value) -> str:
    parts = []
    for piece in value:
        if isinstance(piece, Variable):
            parts.append(f"${piece.name}" + (f"({piece.default})" if piece.default is not None else ""))
        else:
            parts.append(piece.text if isinstance(piece, Text) else f"#{piece.index}" if isinstance(piece, Filled) else "?")
    return "".join(parts)


def told(call: SdkCall) -> str:
    arguments = [f" {name}={'|'.join(sorted(map(said, values)))}" for name, values in sorted(call.arguments.items())]
    ends = ["" if call.complete else " incomplete", "" if call.own else " other role"]
    region = f" in {'|'.join(sorted(map(said, call.region)))}" if call.region else ""
    return f"{call.service}.{call.operation}{''.join(arguments)}{''.join(ends)}{region}"


@pytest.mark.parametrize(("text", "calls"), CALLS.values(), ids=CALLS)
def test_requests(text: str, calls: list[str]) -> None:
    """Each request with the values of its arguments; nothing is left open."""
    found = read(text)
    assert (sorted(map(told, found.calls)), found.gaps) == (calls, ())


@pytest.mark.parametrize("text", NO_CALLS.values(), ids=NO_CALLS)
def test_what_is_no_request(text: str) -> None:
    found = read(text)
    assert (found.calls, found.gaps) == ((), ())


@pytest.mark.parametrize(("text", "reason"), GAPS.values(), ids=GAPS)
def test_what_is_not_understood(text: str, reason: str) -> None:
    assert [each.reason for each in read(text).gaps if reason in each.reason]


@pytest.mark.parametrize(("text", "variables"), VARIABLES.items())
def test_variables(text: str, variables: list[str]) -> None:
    """Each read with its default, ``!`` where it is required, and its span."""
    found = read(text)
    reads = [
        each.name + ("!" if each.required else "") + (f"({each.default})" if each.default is not None else "")
        + f" {text[each.start : each.end]}"
        for each in found.variables
    ]  # fmt: skip
    assert (reads, found.any_variable) == (variables, False)


@pytest.mark.parametrize("text", ANY_VARIABLE)
def test_any_variable(text: str) -> None:
    assert read(text).any_variable


def test_lines_texts_and_modules() -> None:
    """A request stands where its method is named or its command made; spans count characters."""
    text = (
        "const ä = require('aws-sdk');\nimport * as x from 'uuid';\nnew ä.S3()\n  .getObject({});\nnew ä.SNS().publish({});\n"
    )
    found = read(text)
    assert [(each.line, each.text) for each in found.calls] == [(4, "new ä.S3() .getObject"), (5, "new ä.SNS().publish")]
    modules = [(each.name, each.line, text[each.start : each.end]) for each in found.modules]
    assert modules == [("aws-sdk", 1, "require('aws-sdk')"), ("uuid", 2, "import * as x from 'uuid';")]


@pytest.mark.parametrize("text", ["exports.handler = {", "def handler(event, context):\n    pass", "`${", "\0("])
def test_what_does_not_parse_is_no_module(text: str) -> None:
    assert behaviour("nodejs", text) is None


@pytest.mark.parametrize("text", ["", "const a = 'x'" + " + 'x'" * 3000, "let s = ''; for (;;) { s = s + 'x' + s; }", "\ud800"])
def test_odd_texts_are_read(text: str) -> None:
    found = behaviour("nodejs", text)
    assert found is None or (found.calls, found.gaps) == ((), ())


@pytest.mark.parametrize("text", ["(" * 2000 + "s3" + ")" * 2000, "f(" * 1500 + ")" * 1500])
def test_what_is_too_deep_is_said(text: str) -> None:
    found = read(V2 + f"const s3 = new AWS.S3(); {text};")
    assert found.gaps
    assert found.any_variable


CORPUS = os.environ.get("REMEDIATOR_CORPUS")
SAMPLE = Path(__file__).parent / "lambda_calls" / "nodejs.toml"


@pytest.mark.skipif(not CORPUS, reason="REMEDIATOR_CORPUS names no folder with templates")
def test_real_functions_against_what_a_person_read() -> None:
    """Recall and precision over functions of real templates, by line, service and operation."""
    right, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for name, functions in tomllib.loads(SAMPLE.read_text(encoding="utf-8")).items():
        (path,) = Path(str(CORPUS)).rglob(name)
        for logical_id, calls in functions.items():
            found = _real_calls(path, logical_id)
            missed += Counter(calls) - found
            wrong += found - Counter(calls)
            right += found & Counter(calls)
    assert right.total() / (right.total() + missed.total()) >= 0.97, missed
    assert right.total() / (right.total() + wrong.total()) >= 0.97, wrong


def _real_calls(path: Path, logical_id: str) -> Counter[str]:
    try:
        code = inline_code(Template(Source.from_bytes(path.read_bytes())).resources[logical_id])
    except TemplateError as error:
        raise AssertionError(path) from error
    assert code
    return Counter(f"{each.line} {each.service}.{each.operation}" for each in read(code.text).calls)
