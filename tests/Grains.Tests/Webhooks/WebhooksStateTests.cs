using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Actors.Grains.Webhooks;
using Actors.Policy;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>The stored form of webhooks. A sample, once stored, is never changed: it is what some database holds.</summary>
public sealed class WebhooksStateTests
{
    private readonly GrainStateSerializer _serializer = new();

    [Fact]
    public void Webhooks_stored_in_version_2_can_be_read_and_are_written_as_they_were()
    {
        var stored = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", "webhooks.v2.json"));
        var state = _serializer.Deserialize<WebhooksState>(BinaryData.FromBytes(stored));
        var webhook = Assert.Single(state.Webhooks);
        Assert.Equal((3, "https://shop.example/hooks", true, 500), (webhook.Id, webhook.CallbackUri, webhook.IsPaused, webhook.MaxUpdates));
        Assert.Equal((3, 4L, 9L), (state.LastId, state.Version, webhook.Book.Sequence));
        var lane = Assert.Single(webhook.Book.Lanes);
        Assert.Equal((90L, 3, 4, new Instant(1_790_000_000_009)), (lane.Cursor, lane.Turn, lane.Failures, lane.NextAt));
        Assert.Equal([true, false], lane.Pending.Select(batch => batch.IsStuck));
        Assert.True(Assert.Single(lane.Probes).IsFresh);
        Assert.Equal(new AttemptResult(AttemptOutcome.Refused, 500, new Instant(1_790_000_000_004)), lane.Last);
        Assert.Equal((2L, AttemptOutcome.TimedOut), (Assert.Single(webhook.Book.Parked).Batch.Sequence, webhook.Book.Parked[0].Last.Outcome));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(stored), JsonNode.Parse(_serializer.Serialize(state).ToMemory().Span)));
    }

    [Fact]
    public void What_a_receiver_answers_since_when_is_stored()
    {
        var stored = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", "webhooks.v2-answering.json"));
        var state = _serializer.Deserialize<WebhooksState>(BinaryData.FromBytes(stored));
        var lane = Assert.Single(Assert.Single(state.Webhooks).Book.Lanes);
        Assert.Equal((new Instant(1_790_000_000_005), 30L), (lane.AnsweringSince, lane.ProbedAt));
        Assert.Equal([new Instant(1_790_000_000_006), null], lane.Pending.Select(batch => batch.OutlivedAt));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(stored), JsonNode.Parse(_serializer.Serialize(state).ToMemory().Span)));
    }

    [Fact]
    public void During_a_rotation_two_secrets_are_good_until_its_last_millisecond()
    {
        var ends = new Instant(1_790_000_000_000);
        var webhook = new Webhook { Id = 1, CallbackUri = "", Secret = "old", NextSecret = "new", RotationEndsAt = ends };
        Assert.Equal(["old", "new"], webhook.SecretsAt(ends - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(["new"], webhook.SecretsAt(ends));
        Assert.Same(webhook, webhook.At(ends - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(("new", null, null), (webhook.At(ends).Secret, webhook.At(ends).NextSecret, webhook.At(ends).RotationEndsAt));
    }

    [Fact]
    public void A_secret_is_stored_so_that_nobody_can_read_or_change_it()
    {
        using var cipher = new AesGcm(RandomNumberGenerator.GetBytes(32), WebhookKeys.TagLength);
        var secret = WebhookSecrets.Make();
        var stored = WebhookSecrets.Seal(cipher, secret);
        Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);
        Assert.NotEqual(stored, WebhookSecrets.Seal(cipher, secret));
        Assert.Equal(secret, WebhookSecrets.Open(cipher, stored));
        var changed = stored[..^1] + (stored[^1] == 'A' ? 'Q' : 'A');
        Assert.ThrowsAny<CryptographicException>(() => WebhookSecrets.Open(cipher, changed));
    }

    [Fact]
    public void A_body_is_the_cloud_apis_envelope_and_always_the_same()
    {
        WebhookUpdate[] messages =
        [
            new(1, WebhookFields.Messages, """{"a":1}"""u8.ToArray(), new(1_999)), new(2, WebhookFields.Messages, "{}"u8.ToArray(), new(2_000)),
        ];
        Assert.Equal(
            """{"object":"whatsapp_business_account","entry":[{"id":"7","changes":[{"value":{"a":1},"field":"messages"},{"value":{},"field":"messages"}]}]}""",
            Text(WebhookFields.Messages, messages));
        WebhookUpdate[] templates = [.. messages.Select(update => update with { Field = WebhookFields.TemplateStatus })];
        Assert.Equal(
            """{"object":"whatsapp_business_account","entry":[{"id":"7","time":1,"changes":[{"value":{"a":1},"field":"message_template_status_update"}]},"""
            + """{"id":"7","time":2,"changes":[{"value":{},"field":"message_template_status_update"}]}]}""",
            Text(WebhookFields.TemplateStatus, templates));
        Assert.Equal("""{"object":"whatsapp_business_account","entry":[{"id":"7","changes":[]}]}""", Text(WebhookFields.Messages, []));

        static string Text(string field, WebhookUpdate[] updates)
        {
            using var body = WebhookBody.Write(7, field, updates);
            return System.Text.Encoding.UTF8.GetString(body.Written.Span);
        }
    }
}
