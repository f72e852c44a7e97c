"""Examples for the documentation; the tests hold the passes to them."""

from remediator.api import Example

_GROUPS_BEFORE = """\
Resources:
  AlbSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: load balancer
      SecurityGroupEgress:
        - IpProtocol: tcp
          FromPort: 8080
          ToPort: 8080
          DestinationSecurityGroupId: !Ref AppSecurityGroup

  AppSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: application
      SecurityGroupIngress:
        # requests and health checks
        - IpProtocol: tcp
          FromPort: 8080
          ToPort: 8080
          SourceSecurityGroupId: !Ref AlbSecurityGroup
"""

_GROUPS_AFTER = """\
Resources:
  AlbSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: load balancer
      SecurityGroupEgress:
        - CidrIp: 127.0.0.1/32
          IpProtocol: "-1"
          Description: No other outbound traffic

  AlbSecurityGroupEgressToApp:
    Type: AWS::EC2::SecurityGroupEgress
    Properties:
      GroupId: !GetAtt AlbSecurityGroup.GroupId
      IpProtocol: tcp
      FromPort: 8080
      ToPort: 8080
      DestinationSecurityGroupId: !Ref AppSecurityGroup

  AppSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: application

  # requests and health checks
  AppSecurityGroupIngressFromAlb:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !GetAtt AppSecurityGroup.GroupId
      IpProtocol: tcp
      FromPort: 8080
      ToPort: 8080
      SourceSecurityGroupId: !Ref AlbSecurityGroup
"""

_BUCKET_BEFORE = """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "uploads-${AWS::AccountId}"
      NotificationConfiguration:
        LambdaConfigurations:
          - Event: s3:ObjectCreated:*
            Function: !GetAtt Ingest.Arn

  Ingest:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Role: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/ingest"
      Environment:
        Variables:
          BUCKET: !Ref Uploads # where the uploads are
      Code:
        ZipFile: "def handler(event, context): pass"
"""

_UNNAMED = _BUCKET_BEFORE.replace('      BucketName: !Sub "uploads-${AWS::AccountId}"\n', "")

DEPENDENCY_CYCLE = (
    Example("Two security groups that name each other", _GROUPS_BEFORE, _GROUPS_AFTER),
    Example(
        "A bucket, its function, and the function's environment",
        _BUCKET_BEFORE,
        _BUCKET_BEFORE.replace("BUCKET: !Ref Uploads", 'BUCKET: !Sub "uploads-${AWS::AccountId}"'),
    ),
    Example(
        "The same with a bucket that has no name",
        _UNNAMED,
        _UNNAMED.replace("!Ref Uploads", '!Sub "uploads-${AWS::AccountId}-${AWS::Region}"').replace(
            "      NotificationConfiguration:\n",
            '      BucketName: !Sub "uploads-${AWS::AccountId}-${AWS::Region}"\n      NotificationConfiguration:\n',
        ),
        unsafe=True,
    ),
    Example(
        "A reference one way is no cycle",
        _BUCKET_BEFORE.replace("BUCKET: !Ref Uploads # where the uploads are", "STAGE: test"),
    ),
)

CONDITION_CYCLE = (
    Example(
        "Two conditions",
        """\
Conditions:
  IsProduction: !Not [!Condition IsTest]
  IsTest: !Not [!Condition IsProduction]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: IsProduction
""",
    ),
)
