using Actors.Policy;
using Actors.Policy.Webhooks;

namespace Actors.Contracts;

/// <summary>How the end of a try to deliver crosses a grain call.</summary>
/// <remarks>A member added to the type is added to its surrogate with the next id; no id is ever used again.</remarks>
[RegisterConverter]
internal sealed class WebhookConverters : IConverter<AttemptResult, AttemptResultSurrogate>
{
    public AttemptResult ConvertFromSurrogate(in AttemptResultSurrogate s) => new(s.Outcome, s.Status, s.At);

    public AttemptResultSurrogate ConvertToSurrogate(in AttemptResult v) => new(v.Outcome, v.Status, v.At);
}

[GenerateSerializer, Immutable, Alias("actors.policy.attempt-result")]
internal readonly record struct AttemptResultSurrogate(
    [property: Id(0)] AttemptOutcome Outcome, [property: Id(1)] int Status, [property: Id(2)] Instant At);
