"""The enumerations of flow metadata, as the Metadata API 66.0 WSDL lists them."""

from __future__ import annotations

from enum import StrEnum


class ComparisonOperator(StrEnum):
    """FlowComparisonOperator: conditions of decisions and collection filters."""

    NONE = "None"
    EQUAL_TO = "EqualTo"
    NOT_EQUAL_TO = "NotEqualTo"
    GREATER_THAN = "GreaterThan"
    LESS_THAN = "LessThan"
    GREATER_THAN_OR_EQUAL_TO = "GreaterThanOrEqualTo"
    LESS_THAN_OR_EQUAL_TO = "LessThanOrEqualTo"
    STARTS_WITH = "StartsWith"
    ENDS_WITH = "EndsWith"
    CONTAINS = "Contains"
    IS_NULL = "IsNull"
    IS_CHANGED = "IsChanged"
    WAS_SET = "WasSet"
    WAS_SELECTED = "WasSelected"
    WAS_VISITED = "WasVisited"
    IN = "In"
    NOT_IN = "NotIn"
    IS_BLANK = "IsBlank"
    IS_EMPTY = "IsEmpty"
    HAS_ERROR = "HasError"


class FilterOperator(StrEnum):
    """FlowRecordFilterOperator: start filters and the filters of data elements. It has no IsBlank."""

    EQUAL_TO = "EqualTo"
    NOT_EQUAL_TO = "NotEqualTo"
    GREATER_THAN = "GreaterThan"
    LESS_THAN = "LessThan"
    GREATER_THAN_OR_EQUAL_TO = "GreaterThanOrEqualTo"
    LESS_THAN_OR_EQUAL_TO = "LessThanOrEqualTo"
    STARTS_WITH = "StartsWith"
    ENDS_WITH = "EndsWith"
    CONTAINS = "Contains"
    IS_NULL = "IsNull"
    IS_CHANGED = "IsChanged"
    IN = "In"
    NOT_IN = "NotIn"


class AssignmentOperator(StrEnum):
    """FlowAssignmentOperator."""

    NONE = "None"
    ASSIGN = "Assign"
    ADD = "Add"
    SUBTRACT = "Subtract"
    ADD_ITEM = "AddItem"
    REMOVE_FIRST = "RemoveFirst"
    REMOVE_BEFORE_FIRST = "RemoveBeforeFirst"
    REMOVE_AFTER_FIRST = "RemoveAfterFirst"
    REMOVE_ALL = "RemoveAll"
    ADD_AT_START = "AddAtStart"
    REMOVE_UNCOMMON = "RemoveUncommon"
    ASSIGN_COUNT = "AssignCount"
    REMOVE_POSITION = "RemovePosition"


class DataType(StrEnum):
    """FlowDataType."""

    CURRENCY = "Currency"
    DATE = "Date"
    NUMBER = "Number"
    STRING = "String"
    BOOLEAN = "Boolean"
    SOBJECT = "SObject"
    DATE_TIME = "DateTime"
    TIME = "Time"
    PICKLIST = "Picklist"
    MULTIPICKLIST = "Multipicklist"
    APEX = "Apex"


class TriggerType(StrEnum):
    """FlowTriggerType."""

    NONE = "None"
    SCHEDULED = "Scheduled"
    RECORD_BEFORE_SAVE = "RecordBeforeSave"
    RECORD_BEFORE_DELETE = "RecordBeforeDelete"
    RECORD_AFTER_SAVE = "RecordAfterSave"
    PLATFORM_EVENT = "PlatformEvent"
    EVENT_DRIVEN_JOURNEY = "EventDrivenJourney"
    SEGMENT = "Segment"
    DATA_CLOUD_DATA_CHANGE = "DataCloudDataChange"
    FORM_SUBMISSION_EVENT = "FormSubmissionEvent"
    CAPABILITY = "Capability"
    AUTOMATION_EVENT = "AutomationEvent"
    EXTERNAL_SYSTEM_CHANGE = "ExternalSystemChange"
    DATA_GRAPH_DATA_CHANGE = "DataGraphDataChange"
    ACTIVATION = "Activation"
    ADMIN_AUTOMATION_EVENT = "AdminAutomationEvent"
    BROADCAST_NO_TRIGGER = "BroadcastNoTrigger"
    ON_DEMAND_NO_TRIGGER = "OnDemandNoTrigger"
    INDIV_RELATED_RECORD = "IndivRelatedRecord"
    SCHEDULED_HIGH_SCALE = "ScheduledHighScale"


class RecordTriggerType(StrEnum):
    UPDATE = "Update"
    CREATE = "Create"
    CREATE_AND_UPDATE = "CreateAndUpdate"
    DELETE = "Delete"
    NONE = "None"


class Frequency(StrEnum):
    """FlowStartFrequency."""

    ON_ACTIVATE = "OnActivate"
    ONCE = "Once"
    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    YEARLY = "Yearly"
    HOURLY = "Hourly"
    WEEKDAYS = "Weekdays"


class OffsetUnit(StrEnum):
    """FlowScheduledPathOffsetUnit."""

    HOURS = "Hours"
    DAYS = "Days"
    MINUTES = "Minutes"
    MONTHS = "Months"
    WEEKS = "Weeks"


class PathType(StrEnum):
    """FlowScheduledPathType."""

    ASYNC_AFTER_COMMIT = "AsyncAfterCommit"
    APPROVAL_RECALL = "ApprovalRecall"


class TimeSource(StrEnum):
    """FlowScheduledPathTimeSource."""

    RECORD_TRIGGER_EVENT = "RecordTriggerEvent"
    RECORD_FIELD = "RecordField"


class Status(StrEnum):
    """FlowVersionStatus."""

    ACTIVE = "Active"
    DRAFT = "Draft"
    OBSOLETE = "Obsolete"
    INVALID_DRAFT = "InvalidDraft"
    UNDER_REVIEW = "UnderReview"


class RunInMode(StrEnum):
    DEFAULT = "DefaultMode"
    SYSTEM_WITH_SHARING = "SystemModeWithSharing"
    SYSTEM_WITHOUT_SHARING = "SystemModeWithoutSharing"


class SortOrder(StrEnum):
    ASC = "Asc"
    DESC = "Desc"


class CollectionProcessorType(StrEnum):
    SORT = "SortCollectionProcessor"
    RECOMMENDATION_MAP = "RecommendationMapCollectionProcessor"
    FILTER = "FilterCollectionProcessor"


class TransformType(StrEnum):
    """FlowTransformValueActionType."""

    MAP = "Map"
    COUNT = "Count"
    SUM = "Sum"
    GET_ITEM_BY_INDEX = "GetItemByIndex"
    INNER_JOIN = "InnerJoin"
    INVOCABLE_ACTION = "InvocableAction"


class TransactionModel(StrEnum):
    """FlowTransactionModel."""

    AUTOMATIC = "Automatic"
    NEW_TRANSACTION = "NewTransaction"
    CURRENT_TRANSACTION = "CurrentTransaction"


class TestParameterType(StrEnum):
    """FlowTestParameterType."""

    INPUT_TRIGGERING_RECORD_INITIAL = "InputTriggeringRecordInitial"
    INPUT_TRIGGERING_RECORD_UPDATED = "InputTriggeringRecordUpdated"
    SCHEDULED_PATH = "ScheduledPath"
    INPUT_VARIABLE = "InputVariable"
    MOCK_ELEMENT_OUTPUT = "MockElementOutput"


class TestPointElement(StrEnum):
    """What a test point of a flow test can be at."""

    START = "Start"
    FINISH = "Finish"


class TestType(StrEnum):
    """FlowTestType."""

    WITH_ASSERTION = "WithAssertion"


WSDL_NAMES: dict[type[StrEnum], str] = {
    TestParameterType: "FlowTestParameterType",
    TestPointElement: "FlowTestPoint.elementApiName",
    TestType: "FlowTestType",
    ComparisonOperator: "FlowComparisonOperator",
    FilterOperator: "FlowRecordFilterOperator",
    AssignmentOperator: "FlowAssignmentOperator",
    DataType: "FlowDataType",
    TriggerType: "FlowTriggerType",
    RecordTriggerType: "RecordTriggerType",
    Frequency: "FlowStartFrequency",
    OffsetUnit: "FlowScheduledPathOffsetUnit",
    PathType: "FlowScheduledPathType",
    TimeSource: "FlowScheduledPathTimeSource",
    Status: "FlowVersionStatus",
    RunInMode: "FlowRunInMode",
    SortOrder: "SortOrder",
    CollectionProcessorType: "FlowCollectionProcessorType",
    TransformType: "FlowTransformValueActionType",
    TransactionModel: "FlowTransactionModel",
}
"""What the Metadata API calls each enumeration in its error texts."""
