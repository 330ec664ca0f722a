using System.Text.Json;
using System.Text.Json.Serialization;
using Actors.Grains.Webhooks;
using Actors.Policy;
using Orleans.Storage;

namespace Actors.Grains;

/// <summary>Stores the slow-changing grains as JSON in an envelope that says which version of the form it is.</summary>
/// <remarks>
/// Every version ever written can be read (the tests keep a sample of each); an unknown one is refused. No member is ever removed or renamed. A build
/// that doesn't know a member drops it when it writes, so a member that must not be lost while nodes of two builds run takes a new version.
/// </remarks>
internal sealed class GrainStateSerializer : IGrainStorageSerializer
{
    /// <summary>The form that is written now.</summary>
    public const int Version = 2;

    /// <summary>The oldest form that is read: what version 2 has more (a business's conduct and limit, which must not be lost) is missing there.</summary>
    private const int Oldest = 1;

    public BinaryData Serialize<T>(T? input)
    {
        var state = JsonSerializer.SerializeToElement(input, typeof(T), GrainsJson.Default);
        return new BinaryData(JsonSerializer.SerializeToUtf8Bytes(new Envelope(Version, state), GrainsJson.Default.Envelope));
    }

    public T Deserialize<T>(BinaryData input)
    {
        var envelope = JsonSerializer.Deserialize(input.ToMemory().Span, GrainsJson.Default.Envelope);
        return envelope switch
        {
            { Version: >= Oldest and <= Version } => (T)(envelope.State.Deserialize(typeof(T), GrainsJson.Default)
                ?? throw new InvalidDataException("The stored state is null.")),
            _ => throw new InvalidDataException($"The stored state has the unknown version {envelope?.Version}; this build knows {Version}."),
        };
    }
}

/// <param name="Version">Version of the form.</param>
/// <param name="State">The state.</param>
internal sealed record Envelope([property: JsonPropertyName("v")] int Version, [property: JsonPropertyName("state")] JsonElement State);

/// <summary>An instant is its milliseconds.</summary>
internal sealed class InstantConverter : JsonConverter<Instant>
{
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Milliseconds);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(BusinessState))]
[JsonSerializable(typeof(TemplateState))]
[JsonSerializable(typeof(BlockListState))]
[JsonSerializable(typeof(EnrolmentState))]
[JsonSerializable(typeof(QuotaState))]
[JsonSerializable(typeof(ThroughputState))]
[JsonSerializable(typeof(ShadowState))]
[JsonSerializable(typeof(WebhooksState))]
[JsonSerializable(typeof(BusinessText))]
[JsonSerializable(typeof(TemplateText))]
[JsonSerializable(typeof(QualityText))]
[JsonSerializable(typeof(EnforcementText))]
[JsonSerializable(typeof(ChangeText))]
[JsonSerializable(typeof(WarningText))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class GrainsJson : JsonSerializerContext;
