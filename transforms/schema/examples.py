"""Examples for the documentation; the tests hold the passes to them."""

from remediator.api import Example

UNKNOWN_PROPERTY = (
    Example(
        "Another case, and a level too high",
        """\
Resources:
  Recorder:
    Type: AWS::Config::ConfigurationRecorder
    Properties:
      RoleArn: !GetAtt RecorderRole.Arn  # may read everything
  Check:
    Type: AWS::Route53::HealthCheck
    Properties:
      Type: HTTPS
      FullyQualifiedDomainName: example.com
      ResourcePath: /health
""",
        """\
Resources:
  Recorder:
    Type: AWS::Config::ConfigurationRecorder
    Properties:
      RoleARN: !GetAtt RecorderRole.Arn  # may read everything
  Check:
    Type: AWS::Route53::HealthCheck
    Properties:
      HealthCheckConfig:
        Type: HTTPS
        FullyQualifiedDomainName: example.com
        ResourcePath: /health
""",
    ),
)

MISSING_PROPERTY = (
    Example(
        "A trail that does not say whether it records",
        """\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: !Ref LogBucket
""",
        """\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: !Ref LogBucket
      IsLogging: true
""",
    ),
    Example(
        "What only a person knows is asked for",
        """\
Parameters:
  Stage:
    Type: String
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: "def handler(event, context): pass"
""",
        """\
Parameters:
  Stage:
    Type: String
  WorkerRole:
    Type: String
    Description: Role of Worker
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: "def handler(event, context): pass"
      Role: !Ref WorkerRole
""",
        unsafe=True,
    ),
)

WRONG_TYPE = (
    Example(
        "Tags as a list where the type wants a map",
        """\
Resources:
  Hub:
    Type: AWS::SecurityHub::Hub
    Properties:
      Tags:
        - Key: Environment
          Value: !Ref Environment
""",
        """\
Resources:
  Hub:
    Type: AWS::SecurityHub::Hub
    Properties:
      Tags:
        Environment: !Ref Environment
""",
    ),
)

ILLEGAL_VALUE = (
    Example(
        "A retention that CloudWatch Logs does not offer",
        """\
Resources:
  Audit:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 2555  # seven years
""",
        """\
Resources:
  Audit:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 2557  # seven years
""",
    ),
)

OUT_OF_RANGE = (
    Example(
        "More days of backups than Aurora keeps",
        """\
Resources:
  Cluster:
    Type: AWS::RDS::DBCluster
    Properties:
      Engine: aurora-mysql
      BackupRetentionPeriod: 90
""",
        """\
Resources:
  Cluster:
    Type: AWS::RDS::DBCluster
    Properties:
      Engine: aurora-mysql
      BackupRetentionPeriod: 35
""",
        unsafe=True,
    ),
)

TRAIL_DATA = (
    Example(
        "A bucket instead of its objects",
        """\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: !Ref LogBucket
      EventSelectors:
        - ReadWriteType: All
          DataResources:
            - Type: AWS::S3::Bucket
              Values:
                - !GetAtt Uploads.Arn
""",
        """\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: true
      S3BucketName: !Ref LogBucket
      EventSelectors:
        - ReadWriteType: All
          DataResources:
            - Type: AWS::S3::Object
              Values:
                - !Sub "${Uploads.Arn}/"
""",
    ),
)

UNKNOWN_TYPE = (
    Example(
        "Another case",
        """\
Resources:
  Gateway:
    Type: AWS::EC2::NATGateway
    Properties:
      SubnetId: !Ref Subnet
""",
        """\
Resources:
  Gateway:
    Type: AWS::EC2::NatGateway
    Properties:
      SubnetId: !Ref Subnet
""",
    ),
    Example(
        "Targets belong to their group",
        """\
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      VpcId: !Ref Vpc
  Attachment:
    Type: AWS::ElasticLoadBalancingV2::TargetGroupAttachment
    Properties:
      TargetGroupArn: !Ref Group
      TargetId: !Ref Server
      Port: 80
""",
        """\
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      VpcId: !Ref Vpc
      Targets:
        - Id: !Ref Server
          Port: 80
""",
    ),
)

MISPLACED_ATTRIBUTE = (
    Example(
        "A dependency among the properties",
        """\
Resources:
  Rule:
    Type: AWS::Config::ConfigRule
    Properties:
      DependsOn: Recorder
      Source:
        Owner: AWS
        SourceIdentifier: INCOMING_SSH_DISABLED
  Recorder:
    Type: AWS::Config::ConfigurationRecorder
    Properties:
      RoleARN: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/recorder
""",
        """\
Resources:
  Rule:
    Type: AWS::Config::ConfigRule
    DependsOn: Recorder
    Properties:
      Source:
        Owner: AWS
        SourceIdentifier: INCOMING_SSH_DISABLED
  Recorder:
    Type: AWS::Config::ConfigurationRecorder
    Properties:
      RoleARN: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/recorder
""",
    ),
)

REPEATED_ITEM = (
    Example(
        "A tag set twice",
        """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: !Ref Cidr
      Tags:
        - Key: Team
          Value: network
        - Key: Team
          Value: network
""",
        """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: !Ref Cidr
      Tags:
        - Key: Team
          Value: network
""",
    ),
)

BUCKET_LOG_EVENTS = (
    Example(
        "Events for a log group",
        """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        CloudWatchConfigurations:
          - Event: s3:ObjectCreated:*
            CloudWatchConfiguration:
              LogGroupName: !Ref UploadLog

  UploadLog:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
""",
        """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        EventBridgeConfiguration:
          EventBridgeEnabled: true

  UploadsEventsToUploadLog:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source:
          - aws.s3
        detail-type:
          - Object Created
        detail:
          bucket:
            name:
              - !Ref Uploads
      Targets:
        - Id: UploadLog
          Arn: !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${UploadLog}"

  UploadsEventsToUploadLogPolicy:
    Type: AWS::Logs::ResourcePolicy
    Properties:
      PolicyName: !Sub "${AWS::StackName}-UploadsEventsToUploadLogPolicy"
      PolicyDocument: !Sub '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": \
["delivery.logs.amazonaws.com", "events.amazonaws.com"]}, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], \
"Resource": "${UploadLog.Arn}"}]}'

  UploadLog:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
""",
    ),
)

REPEATED_RESOURCE = (
    Example(
        "A recorder declared twice",
        """\
Resources:
  Recorder:
    Type: AWS::Config::ConfigurationRecorder
    Properties:
      Name: main
      RoleARN: !GetAtt Role.Arn
      RecordingGroup:
        AllSupported: true
  RecorderStatus:
    Type: AWS::Config::ConfigurationRecorder
    DependsOn: Channel
    Properties:
      Name: main
      RoleARN: !GetAtt Role.Arn
""",
        """\
Resources:
  Recorder:
    Type: AWS::Config::ConfigurationRecorder
    Properties:
      Name: main
      RoleARN: !GetAtt Role.Arn
      RecordingGroup:
        AllSupported: true
""",
    ),
)
