using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Sends;
using Orleans.Serialization.Cloning;

namespace Actors.Contracts;

/// <summary>
/// How the policy's instants and sends cross a grain call. The policy references nothing, so each of its types has a surrogate that is sent in its
/// place. All are immutable: within a node they are passed as they are.
/// </summary>
/// <remarks>A member added to the type is added to its surrogate with the next id; no id is ever used again.</remarks>
[RegisterConverter]
internal sealed class SendConverters :
    IConverter<Instant, InstantSurrogate>,
    IConverter<Fact, FactSurrogate>,
    IConverter<Finding, FindingSurrogate>,
    IConverter<SendCommand, SendCommandSurrogate>
{
    public Instant ConvertFromSurrogate(in InstantSurrogate s) => new(s.Milliseconds);

    public InstantSurrogate ConvertToSurrogate(in Instant v) => new(v.Milliseconds);

    public Fact ConvertFromSurrogate(in FactSurrogate s) => new(s.Name, s.Value, s.Public);

    public FactSurrogate ConvertToSurrogate(in Fact v) => new(v.Name, v.Value, v.Public);

    public Finding ConvertFromSurrogate(in FindingSurrogate s) => new(s.Rule, s.Outcome, s.Reason, s.RetryAt, s.RetryAtIsPublic, s.Facts);

    public FindingSurrogate ConvertToSurrogate(in Finding v) => new(v.Rule, v.Outcome, v.Reason, v.RetryAt, v.RetryAtIsPublic, v.Facts);

    public SendCommand ConvertFromSurrogate(in SendCommandSurrogate s) => new()
    {
        Business = s.Business,
        PhoneNumber = s.PhoneNumber,
        Template = s.Template,
        Category = s.Category,
        Content = s.Content,
        Key = s.Key,
        Body = s.Body,
        CallbackData = s.CallbackData,
        Quota = s.Quota,
        WindowOnlyUntil = s.WindowOnlyUntil,
        Life = s.Life,
        Answers = s.Answers,
    };

    public SendCommandSurrogate ConvertToSurrogate(in SendCommand v) => new(
        v.Business, v.PhoneNumber, v.Template, v.Category, v.Content, v.Key, v.Body, v.CallbackData, v.Quota, v.WindowOnlyUntil,
        v.Life, v.Answers);
}

[GenerateSerializer, Immutable, Alias("actors.policy.instant")]
internal readonly record struct InstantSurrogate([property: Id(0)] long Milliseconds);

[GenerateSerializer, Immutable, Alias("actors.policy.fact")]
internal readonly record struct FactSurrogate([property: Id(0)] string Name, [property: Id(1)] string Value, [property: Id(2)] bool Public);

[GenerateSerializer, Immutable, Alias("actors.policy.finding")]
internal readonly record struct FindingSurrogate(
    [property: Id(0)] Rule Rule, [property: Id(1)] RuleOutcome Outcome, [property: Id(2)] Reason? Reason,
    [property: Id(3)] Instant? RetryAt, [property: Id(4)] bool RetryAtIsPublic, [property: Id(5)] ImmutableArray<Fact> Facts);

[GenerateSerializer, Immutable, Alias("actors.policy.send-command")]
internal readonly record struct SendCommandSurrogate(
    [property: Id(0)] long Business, [property: Id(1)] long PhoneNumber, [property: Id(2)] long Template,
    [property: Id(3)] Category Category, [property: Id(4)] ReadOnlyMemory<byte> Content, [property: Id(5)] ulong? Key,
    [property: Id(6)] ulong Body, [property: Id(7)] string? CallbackData, [property: Id(8)] long? Quota,
    [property: Id(9)] Instant? WindowOnlyUntil, [property: Id(10)] TimeSpan? Life,
    [property: Id(11)] long? Answers);

[RegisterCopier]
internal sealed class FindingCopier : ShallowCopier<Finding>;

[RegisterCopier]
internal sealed class SendCommandCopier : ShallowCopier<SendCommand>;
