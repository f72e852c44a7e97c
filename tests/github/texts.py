"""Templates of the tests: what is wrong in them is wrong in every profile, and put right within its line."""

HEAD = """\
# Orders and what is done with them
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
"""

TOPIC = """\
  Topic:
    Type: AWS::SNS::Topc # who wants to know
"""

TABLE = """\
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: pay_per_request
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
      KeySchema:
        - {AttributeName: id, KeyType: HASH}
"""

FUNCTION = """\
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.6
      Role: !Sub arn:aws:iam::${AWS::AccountId}:role/worker
      Code: {ZipFile: "def handler(event, context): pass"}
"""

QUEUE = """\
  Queue:
    Type: AWS::SQS::Queue
"""

QUESTION = """\
Outputs:
  Queue:
    Value: !GetAtt Queue.Arnn
"""

WRONG = HEAD + TOPIC + TABLE + FUNCTION
RIGHT = WRONG.replace("Topc", "Topic").replace("pay_per_request", "PAY_PER_REQUEST").replace("python3.6", "python3.11")
ASKING = HEAD + TOPIC + QUEUE + QUESTION
