using System.Text.Json.Serialization;
using Actors.Api.Json;
using Actors.Api.Operations;

namespace Actors.Api.V1;

/// <summary>Everything that is read and written under <c>/v1</c>.</summary>
[JsonSerializable(typeof(OptInRequest))]
[JsonSerializable(typeof(OptInLineResult))]
[JsonSerializable(typeof(OptInsResponse))]
[JsonSerializable(typeof(UserOptInRequest))]
[JsonSerializable(typeof(PreferencesRequest))]
[JsonSerializable(typeof(BlockRequest))]
[JsonSerializable(typeof(ReportRequest))]
[JsonSerializable(typeof(StatusRequest))]
[JsonSerializable(typeof(ClickRequest))]
[JsonSerializable(typeof(FeedbackRequest))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(BusinessRequest))]
[JsonSerializable(typeof(RegisteredResponse))]
[JsonSerializable(typeof(BusinessResponse))]
[JsonSerializable(typeof(BusinessesResponse))]
[JsonSerializable(typeof(VerificationRequest))]
[JsonSerializable(typeof(ViolationRequest))]
[JsonSerializable(typeof(LockRequest))]
[JsonSerializable(typeof(AppealRequest))]
[JsonSerializable(typeof(AppealDecisionRequest))]
[JsonSerializable(typeof(LimitRequest))]
[JsonSerializable(typeof(EnforcementResponse))]
[JsonSerializable(typeof(AppealsResponse))]
[JsonSerializable(typeof(ReportsResponse))]
[JsonSerializable(typeof(AnalyticsResponse))]
[JsonSerializable(typeof(LimitsResponse))]
[JsonSerializable(typeof(QualityResponse))]
[JsonSerializable(typeof(LimitResponse))]
[JsonSerializable(typeof(ReviewRequest))]
[JsonSerializable(typeof(StopRequest))]
[JsonSerializable(typeof(TemplateResponse))]
[JsonSerializable(typeof(TemplatesResponse))]
[JsonSerializable(typeof(PolicyRequest))]
[JsonSerializable(typeof(RollbackRequest))]
[JsonSerializable(typeof(ShadowRequest))]
[JsonSerializable(typeof(ShadowResponse))]
[JsonSerializable(typeof(PolicyResponse))]
[JsonSerializable(typeof(PolicyVersionsResponse))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(AuditResponse))]
[JsonSerializable(typeof(EventsResponse))]
[JsonSerializable(typeof(UserResponse))]
[JsonSerializable(typeof(InboundRequest))]
[JsonSerializable(typeof(WrittenResponse))]
[JsonSerializable(typeof(InboxResponse))]
[JsonSerializable(typeof(MessageResponse))]
[JsonSerializable(typeof(DecisionResponse))]
[JsonSerializable(typeof(ActionResponse))]
[JsonSerializable(typeof(ProblemShape))]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class V1Json : JsonSerializerContext
{
    /// <summary>With the strict options of <see cref="JsonBody"/>.</summary>
    public static V1Json Strict { get; } = new(JsonBody.Options());
}
