using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Actors.Api.Leases;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>Writes everything held about a person as one JSON document, page by page: nothing in memory grows with how much there is.</summary>
/// <remarks>
/// Not a picture of one instant: what happens meanwhile may be in one part and not in another. A part that can't be read breaks the answer off: half a
/// document never looks like a whole one.
/// </remarks>
internal sealed class UserExport(long user, HttpResponse response, IGrainFactory grains, LeaseCache leases, PolicyBook policy, Wamid wamid)
{
    private const int MessagesPage = 100, EventsPage = 1_000;

    private readonly Dictionary<long, BusinessView> _businesses = [];

    private ILedgerGrain Ledger => grains.GetGrain<ILedgerGrain>(0);

    /// <summary>Writes the document. What can't be had before its first byte is an outage like any other.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var view = await grains.GetGrain<IUserGrain>(user).ViewAsync();
        await LearnAsync(view.State.Relations.Select(relation => relation.Business));
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("exported_at", view.Now.ToString());
        WriteRecord(writer, view);
        await WritePastAsync(writer, view);
        await WriteMessagesAsync(writer, cancellationToken);
        await WriteConsentsAsync(writer);
        await WriteEventsAsync(writer, cancellationToken);
        writer.WriteEndObject();
        await FlushAsync(writer, cancellationToken);
    }

    private void WriteRecord(Utf8JsonWriter writer, UserView view)
    {
        var state = view.State;
        Write(writer, "record", ExportRecord.From(view), V1Json.Strict.ExportRecord);
        Write(writer, "overview", UserResponse.From(user, view, _businesses, policy.Current), V1Json.Strict.UserResponse);
        WriteAll(writer, "businesses", state.Relations.Select(ExportRelation.From), V1Json.Strict.ExportRelation);
        WriteAll(
            writer,
            "devices",
            state.Devices.Select(device =>
                new ExportDevice(
                    device.Name,
                    device.Since.ToString(),
                    device.Acked == 0 ? null : wamid.Encode(user, device.Acked),
                    device.ReadUpTo == 0 ? null : wamid.Encode(user, device.ReadUpTo))),
            V1Json.Strict.ExportDevice);
        WriteAll(
            writer,
            "marketing_receipts",
            state.Receipts.Select(receipt => new ExportReceipt(
                receipt.Business == 0 ? null : Digits(receipt.Business),
                receipt.At.ToString(),
                receipt.Message == 0 ? null : wamid.Encode(user, receipt.Message))),
            V1Json.Strict.ExportReceipt);
        Write(
            writer,
            "engagement",
            new ExportEngagement(
                state.Outcomes.Count,
                state.Outcomes.Reads,
                state.OpenOutcomes.Length,
                [.. state.OpenOutcomes.Select(open => new ExportWaiting(wamid.Encode(user, open.Message), open.DeliveredAt.ToString()))]),
            V1Json.Strict.ExportEngagement);
        WriteAll(writer, "keys", state.Keys.Select(key => new ExportKey(wamid.Encode(user, key.Message), key.At.ToString())), V1Json.Strict.ExportKey);
    }

    /// <summary>An earlier life: it can only be asked for by business, so for those that the user has to do with now.</summary>
    private async Task WritePastAsync(Utf8JsonWriter writer, UserView view)
    {
        if (await Ledger.PastAsync(user, 0) is not { } past)
        {
            return;
        }

        var withdrawals = new List<ExportWithdrawal>();
        foreach (var business in view.State.Relations.Select(relation => relation.Business))
        {
            if (await Ledger.PastAsync(user, business) is { KnownAt: { } at } known)
            {
                withdrawals.Add(new ExportWithdrawal(Digits(business), Words.Of(known.Taken), at.ToString()));
            }
        }

        Write(
            writer, "earlier_life", new ExportPast(past.At.ToString(), past.Messages, Words.Of(past.Taken), withdrawals), V1Json.Strict.ExportPast);
    }

    private async Task WriteMessagesAsync(Utf8JsonWriter writer, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("messages");
        for (var after = 0L; ;)
        {
            var page = await Ledger.UserMessagesAsync(user, after, MessagesPage);
            await LearnAsync(page.Select(message => message.Business));
            var consents = await UserMessagesApi.ConsentsAsync(page, grains.GetGrain<IInboxGrain>(0), user);
            foreach (var message in page)
            {
                var shape = ExportMessage.From(user, message, NameOf(message.Business), consents, wamid, policy.Current);
                JsonSerializer.Serialize(writer, shape, V1Json.Strict.ExportMessage);
                after = message.Number;
            }

            await FlushAsync(writer, cancellationToken);
            if (page.Length < MessagesPage)
            {
                break;
            }
        }

        writer.WriteEndArray();
    }

    private async Task WriteConsentsAsync(Utf8JsonWriter writer)
    {
        var proofs = await Ledger.UserConsentsAsync(user);
        await LearnAsync(proofs.Select(proof => proof.Entry.Business));
        WriteAll(writer, "consent_log", proofs.Select(proof => ExportConsent.From(proof, NameOf(proof.Entry.Business))), V1Json.Strict.ExportConsent);
    }

    private async Task WriteEventsAsync(Utf8JsonWriter writer, CancellationToken cancellationToken)
    {
        writer.WriteStartArray("events");
        for (var after = 0L; ;)
        {
            var page = await Ledger.UserEventsAsync(user, after, EventsPage);
            await LearnAsync(page.Select(line => line.Event.Business));
            foreach (var line in page)
            {
                JsonSerializer.Serialize(writer, ExportEvent.From(line, NameOf(line.Event.Business), wamid), V1Json.Strict.ExportEvent);
                after = line.Seq;
            }

            await FlushAsync(writer, cancellationToken);
            if (page.Length < EventsPage)
            {
                break;
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Hands on what is written: waits where whoever reads it is slow.</summary>
    private async Task FlushAsync(Utf8JsonWriter writer, CancellationToken cancellationToken)
    {
        await writer.FlushAsync(cancellationToken);
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private async Task LearnAsync(IEnumerable<long> businesses)
    {
        long[] unknown = [.. businesses.Where(id => id != 0 && !_businesses.ContainsKey(id)).Distinct()];
        foreach (var (id, view) in await UsersApi.FindAsync(leases, unknown))
        {
            _businesses.Add(id, view);
        }
    }

    private string? NameOf(long business) => _businesses.GetValueOrDefault(business)?.Registration.Name;

    private static void Write<T>(Utf8JsonWriter writer, string name, T value, JsonTypeInfo<T> type)
    {
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, value, type);
    }

    private static void WriteAll<T>(Utf8JsonWriter writer, string name, IEnumerable<T> values, JsonTypeInfo<T> type)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        writer.WriteEndArray();
    }

    private static string Digits(long id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
