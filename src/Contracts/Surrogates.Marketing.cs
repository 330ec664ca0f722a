using Actors.Policy;
using Actors.Policy.Users;
using Orleans.Serialization.Cloning;

namespace Actors.Contracts;

/// <summary>How what the record holds of a user's marketing crosses a grain call.</summary>
/// <remarks>A member added to the type is added to its surrogate with the next id; no id is ever used again.</remarks>
[RegisterConverter]
internal sealed class MarketingConverters :
    IConverter<QuietHours, QuietHoursSurrogate>,
    IConverter<Outcomes, OutcomesSurrogate>,
    IConverter<OpenOutcome, OpenOutcomeSurrogate>
{
    public QuietHours ConvertFromSurrogate(in QuietHoursSurrogate s) => new(s.Start, s.End, s.TimeZone);

    public QuietHoursSurrogate ConvertToSurrogate(in QuietHours v) => new(v.Start, v.End, v.TimeZone);

    public Outcomes ConvertFromSurrogate(in OutcomesSurrogate s) => new(s.Count, s.Read);

    public OutcomesSurrogate ConvertToSurrogate(in Outcomes v) => new(v.Count, v.Read);

    public OpenOutcome ConvertFromSurrogate(in OpenOutcomeSurrogate s) => new(s.Message, s.DeliveredAt);

    public OpenOutcomeSurrogate ConvertToSurrogate(in OpenOutcome v) => new(v.Message, v.DeliveredAt);
}

[GenerateSerializer, Immutable, Alias("actors.policy.quiet-hours")]
internal readonly record struct QuietHoursSurrogate(
    [property: Id(0)] int Start, [property: Id(1)] int End, [property: Id(2)] string TimeZone);

[GenerateSerializer, Immutable, Alias("actors.policy.outcomes")]
internal readonly record struct OutcomesSurrogate([property: Id(0)] int Count, [property: Id(1)] uint Read);

[GenerateSerializer, Immutable, Alias("actors.policy.open-outcome")]
internal readonly record struct OpenOutcomeSurrogate([property: Id(0)] long Message, [property: Id(1)] Instant DeliveredAt);

[RegisterCopier]
internal sealed class QuietHoursCopier : ShallowCopier<QuietHours>;
