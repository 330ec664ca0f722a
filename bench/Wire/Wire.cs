using System.Text.Json.Serialization;

namespace Actors.Bench.Wire;

/// <summary>What floor and peer read of a send: the parts that the load generator fills.</summary>
internal sealed record Send(string MessagingProduct, string To, string Type, Template? Template, Text? Text);

internal sealed record Template(string Name, Language Language, Component[]? Components);

internal sealed record Language(string Code);

internal sealed record Component(string Type, Parameter[]? Parameters);

internal sealed record Parameter(string Type, string? Text);

internal sealed record Text(string Body, bool PreviewUrl);

internal sealed record Accepted(string MessagingProduct, Contact[] Contacts, Message[] Messages)
{
    public static Accepted Of(string to, string user, string message, bool template) =>
        new("whatsapp", [new(to, user)], [new(message, template ? "accepted" : null)]);
}

internal sealed record Contact(string Input, string WaId);

internal sealed record Message(
    string Id, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MessageStatus);

internal sealed record Failure(FailureBody Error)
{
    public static Failure Of(int code, string title) => new(new FailureBody($"(#{code}) {title}", "OAuthException", code));
}

internal sealed record FailureBody(string Message, string Type, int Code);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Send))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(Failure))]
internal sealed partial class WireJson : JsonSerializerContext;
