using System.Globalization;

namespace Actors.Bench.Scenarios;

/// <summary>Writes calls as the platform's interface has them, and makes them.</summary>
internal sealed class Calls(Platform platform, Stage stage)
{
    private readonly Dictionary<long, Sender> _senders = stage.Senders.ToDictionary(sender => sender.Id);
    private long _texts;

    /// <summary>Sends a message until it is answered for good.</summary>
    public async Task MakeAsync(Send send)
    {
        var sender = _senders[send.Business];
        var key = send.Key.ToString(CultureInfo.InvariantCulture);
        var reply = await platform.CallAsync(send, HttpMethod.Post, $"/v24.0/{sender.Number}/messages", sender.Token, Body(send), key);
        if (send.Outcome == Outcome.Done)
        {
            send.Wamid = (string?)reply.Json["messages"]?[0]?["id"] ?? throw new InvalidDataException($"Accepted without an id: {reply.Body}");
        }
    }

    /// <summary>Does what a user does until it is answered for good.</summary>
    public async Task MakeAsync(Act act)
    {
        var me = $"/v1/users/{act.User}";
        var mine = $"{me}/businesses/{act.Business}";
        var (method, path, body) = act.Kind switch
        {
            ActKind.OptOutByBusiness => (HttpMethod.Delete, $"/v1/businesses/{act.Business}/opt-ins/{act.User}", null),
            ActKind.OptIn => (HttpMethod.Put, $"{mine}/opt-in", """{"categories":["utility","marketing"]}"""),
            ActKind.OptOut => (HttpMethod.Delete, $"{mine}/opt-in", null),
            ActKind.Stop => (HttpMethod.Put, $"{mine}/marketing-stop", null),
            ActKind.Resume => (HttpMethod.Delete, $"{mine}/marketing-stop", null),
            ActKind.StopWord => (HttpMethod.Post, $"{me}/messages", Text(act, "Stop")),
            ActKind.StopAllWord => (HttpMethod.Post, $"{me}/messages", Text(act, "stop all")),
            ActKind.StartWord => (HttpMethod.Post, $"{me}/messages", Text(act, "Start")),
            ActKind.Write => (HttpMethod.Post, $"{me}/messages", Text(act, "When does my parcel come?")),
            ActKind.Block => (HttpMethod.Put, $"{mine}/block", null),
            ActKind.Unblock => (HttpMethod.Delete, $"{mine}/block", null),
            ActKind.Report => (HttpMethod.Post, $"{mine}/reports", """{"reason":"irrelevant"}"""),
            ActKind.Interested => (HttpMethod.Put, $"{me}/messages/{act.Message}/feedback", """{"value":"interested"}"""),
            ActKind.NotInterested => (HttpMethod.Put, $"{me}/messages/{act.Message}/feedback", """{"value":"not_interested"}"""),
            ActKind.Delivered => (HttpMethod.Post, $"{me}/messages/{act.Message}/status", """{"status":"delivered"}"""),
            ActKind.Read => (HttpMethod.Post, $"{me}/messages/{act.Message}/status", """{"status":"read"}"""),
            ActKind.OptInByBusiness => throw new InvalidOperationException("Opt-ins of businesses are recorded before the load."),
        };
        var token = act.Kind == ActKind.OptOutByBusiness ? _senders[act.Business].Token : platform.UserToken(act.User);
        await platform.CallAsync(act, method, path, token, body);
    }

    private string Text(Act act, string text) => Stage.Text(_senders[act.Business].Number, text, $"t{Interlocked.Increment(ref _texts)}");

    /// <summary>The same key and body number, the same body.</summary>
    private static string Body(Send send)
    {
        var text = send.Body == 0 ? $"{send.Key}" : $"{send.Key}-{send.Body}";
        var content = send.Category == Topics.Service
            ? $$$"""
                "type":"text","text":{"body":"Your parcel {{{text}}} left our shop today."}
                """
            : $$$"""
                "type":"template","template":{"name":"{{{(send.Category == Topics.Marketing ? Stage.Marketing : Stage.Utility)}}}","language":{"code":"en_US"},
                "components":[{"type":"body","parameters":[{"type":"text","text":"{{{text}}}"}]}]}
                """;
        return $$"""{"messaging_product":"whatsapp","to":"{{send.User}}","biz_opaque_callback_data":"{{send.Key}}",{{content}}}""";
    }
}
