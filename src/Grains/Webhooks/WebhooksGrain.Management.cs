using System.Collections.Immutable;
using System.Globalization;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Webhooks;
using Microsoft.Extensions.Logging;

namespace Actors.Grains.Webhooks;

/// <summary>What the business does with its webhooks.</summary>
internal sealed partial class WebhooksGrain
{
    private static readonly TimeSpan RedriveWithin = TimeSpan.FromSeconds(15);

    public async Task<SubscribeReply> SubscribeAsync(WebhookRequest request, string actor)
    {
        if (CallbackAddress.WhatIsWrong(request.CallbackUri, _settings) is { } wrong)
        {
            return Refused(SubscribeRefusal.WrongAddress, wrong);
        }

        if (request.Fields.Distinct().Count() != request.Fields.Length || request.Fields.Any(field => !WebhookFields.All.Contains(field)))
        {
            return Refused(SubscribeRefusal.WrongField, $"it must name one or more of {string.Join(", ", WebhookFields.All)}, each at most once");
        }

        if (await GrainFactory.GetGrain<IBusinessGrain>(Id).GetAsync() is null)
        {
            return Refused(SubscribeRefusal.BusinessUnknown, "");
        }

        await _keep.LoadAsync();
        if (TooMany(request) is { } tooMany)
        {
            return tooMany;
        }

        var (result, isVerified) = await _client.ChallengeAsync(Id, request.CallbackUri, request.VerifyToken.Text, _stopping.Token);
        if (!isVerified)
        {
            return Refused(SubscribeRefusal.NotVerified, WhyNotVerified(result));
        }

        var made = request.Secret is null ? new WebhookSecret(WebhookSecrets.Make()) : null;
        var secret = await SealAsync(request.Secret ?? made!);
        await _keep.LoadAsync();
        if (TooMany(request) is { } tooManyNow)
        {
            return tooManyNow;   // others were added while the receiver was asked
        }

        var (webhook, isNew) = Subscribed(request, secret);
        _keep.Change(state => isNew
            ? state with { Webhooks = state.Webhooks.Add(webhook), LastId = webhook.Id }
            : state.With(webhook.Id, _ => webhook));
        await SaveAsync(actor, isNew ? "webhook_added" : "webhook_changed", webhook.Id, new Uri(webhook.CallbackUri).Host);
        await TellFeedAsync();
        Run(_ledger.Horizon);
        return new SubscribeReply((_keep.State.Find(webhook.Id) ?? webhook).ToView(_ledger.Clock.Now), isNew ? made : null, null, "");
    }

    public async Task<ImmutableArray<WebhookView>> ListAsync()
    {
        await _keep.LoadAsync();
        var now = _ledger.Clock.Now;
        return [.. _keep.State.Webhooks.Select(webhook => webhook.ToView(now))];
    }

    public async Task<bool> RemoveAsync(int webhook, string actor)
    {
        await _keep.LoadAsync();
        if (_keep.State.Find(webhook) is null)
        {
            return false;
        }

        _keep.Change(state => state with { Webhooks = state.Webhooks.RemoveAll(one => one.Id == webhook) });
        await SaveAsync(actor, "webhook_removed", webhook);
        return true;
    }

    public async Task<bool> PauseAsync(int webhook, bool paused, string actor)
    {
        var isThere = await ChangeAsync(
            webhook,
            one => one with { IsPaused = paused, Book = paused ? one.Book : one.Book.Hurry() },
            actor,
            paused ? "webhook_paused" : "webhook_resumed");
        if (isThere && !paused)
        {
            await TellFeedAsync();   // it is to wake this again, should this node die now
        }

        return isThere;
    }

    public async Task<RotateReply?> RotateAsync(int webhook, WebhookSecret? secret, int seconds, string actor)
    {
        var made = secret is null ? new WebhookSecret(WebhookSecrets.Make()) : null;
        var stored = await SealAsync(secret ?? made!);
        await _keep.LoadAsync();
        if (seconds > 0 && _keep.State.Find(webhook)?.At(_ledger.Clock.Now) is { NextSecret: not null } rotating)
        {
            return new RotateReply(null, rotating.RotationEndsAt, IsUnderWay: true);   // a receiver may be changing over to that one right now
        }

        Instant? endsAt = seconds > 0 ? _ledger.Clock.Now + TimeSpan.FromSeconds(seconds) : null;
        var isThere = await ChangeAsync(
            webhook,
            one => endsAt is null
                ? one with { Secret = stored, NextSecret = null, RotationEndsAt = null }
                : one.At(_ledger.Clock.Now) with { NextSecret = stored, RotationEndsAt = endsAt },
            actor,
            "webhook_secret_rotated");
        return isThere ? new RotateReply(made, endsAt, IsUnderWay: false) : null;
    }

    public Task<bool> FinishRotationAsync(int webhook, string actor) => ChangeAsync(
        webhook,
        one => one.NextSecret is { } next ? one with { Secret = next, NextSecret = null, RotationEndsAt = null } : one,
        actor,
        "webhook_rotation_finished");

    public async Task<ImmutableArray<ParkedView>?> ParkedAsync(int webhook, long after, int limit)
    {
        await _keep.LoadAsync();
        return _keep.State.Find(webhook) is { } found
            ? [.. found.Book.Parked.Where(parked => parked.Batch.Sequence > after).Take(limit).Select(ToView)]
            : null;
    }

    public async Task<AttemptResult?> RedriveAsync(int webhook, long sequence)
    {
        await _keep.LoadAsync();
        if (_keep.State.Find(webhook) is not { } found || found.Book.Parked.FirstOrDefault(one => one.Batch.Sequence == sequence) is not { } parked)
        {
            return null;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(RedriveWithin);
        WebhookTried? tried;
        try
        {
            var what = new WebhookTry(Id, parked.Field, parked.Batch, _pages, IsRedriven: true, IsSuspect: true);
            tried = await _sender.TryAsync(what, () => _keep.IsLoaded ? _keep.State.Find(webhook) : found, new HeldUpdates(null), patience.Token);
        }
        catch (Exception e) when (e is LedgerUnavailableException or OperationCanceledException)
        {
            throw Outages.Unavailable();
        }

        if (tried is { End.Outcome: AttemptOutcome.Delivered })
        {
            await _keep.LoadAsync();
            _keep.Change(webhook, book => book.Unpark(sequence));
            await _keep.SaveAsync();
        }

        return tried?.End;
    }

    private static SubscribeReply Refused(SubscribeRefusal refusal, string rule) => new(null, null, refusal, rule);

    /// <summary>How it ended, and never what the receiver said.</summary>
    private static string WhyNotVerified(AttemptResult result) => result.Outcome switch
    {
        AttemptOutcome.Delivered => "the receiver must answer the challenge with hub.challenge alone",
        AttemptOutcome.Refused => string.Create(CultureInfo.InvariantCulture, $"the receiver answered the challenge with status {result.Status}; 200 is right"),
        AttemptOutcome.TimedOut => "the receiver didn't answer the challenge in time",
        AttemptOutcome.Dropped => "the connection ended before the challenge was answered",
        AttemptOutcome.Unreachable => "the receiver can't be reached",
        AttemptOutcome.Forbidden => "it must not lead to a private or special network",
        AttemptOutcome.Unreadable or AttemptOutcome.Lost => throw new InvalidOperationException("A challenge has no updates."),
    };

    private static ParkedView ToView(ParkedBatch parked) => new(
        parked.Batch.Sequence, parked.Field, parked.Batch.After, parked.Batch.Count, parked.Batch.Oldest, parked.At, parked.Last);

    private SubscribeReply? TooMany(WebhookRequest request) =>
        Find(request) is null && _keep.State.Webhooks.Length >= WebhooksState.WebhooksMax
            ? Refused(SubscribeRefusal.TooMany, string.Create(CultureInfo.InvariantCulture, $"a business has at most {WebhooksState.WebhooksMax} webhooks"))
            : null;

    private Webhook? Find(WebhookRequest request) => _keep.State.Webhooks.FirstOrDefault(webhook => webhook.CallbackUri == request.CallbackUri);

    /// <summary>The webhook as the request has it: from now on, or as it is but for what the request says.</summary>
    private (Webhook Webhook, bool IsNew) Subscribed(WebhookRequest request, string secret)
    {
        var found = Find(request);
        var webhook = found ?? new Webhook
        {
            Id = _keep.State.LastId + 1,
            CallbackUri = request.CallbackUri,
            Secret = secret,
            CreatedAt = _ledger.Clock.Now,
        };
        if (request.Secret is not null)
        {
            webhook = webhook with { Secret = secret, NextSecret = null, RotationEndsAt = null };
        }

        var fields = !request.Fields.IsEmpty ? request.Fields
            : found is not null ? [.. found.Book.Lanes.Where(lane => !lane.IsClosing).Select(lane => lane.Field)]
            : [WebhookFields.Messages];
        webhook = webhook with { MaxUpdates = request.MaxUpdates ?? webhook.MaxUpdates, Book = webhook.Book.Subscribe(fields, _ledger.Horizon) };
        return (webhook, found is null);
    }

    private async Task<bool> ChangeAsync(int webhook, Func<Webhook, Webhook> change, string actor, string action)
    {
        await _keep.LoadAsync();
        if (_keep.State.Find(webhook) is null)
        {
            return false;
        }

        _keep.Change(state => state.With(webhook, change));
        await SaveAsync(actor, action, webhook);
        Run(_ledger.Horizon);
        return true;
    }

    private async Task<string> SealAsync(WebhookSecret secret) =>
        WebhookSecrets.Seal(await Outages.AsOutageAsync(async () => await _keys.CipherAsync()), secret.Text);

    /// <summary>Stores what was changed, and has it in the audit and, for the feed, in the directory.</summary>
    private Task SaveAsync(string actor, string action, int webhook, string note = "")
    {
        var now = _ledger.Clock.Now;
        var source = string.Create(CultureInfo.InvariantCulture, $"webhooks/{Id}");
        var status = _keep.State.Webhooks.IsEmpty ? WebhookFeedGrain.None : WebhookFeedGrain.Active;
        return _keep.SaveAsync(version => new GrainChange(source, version, Id, MovesEpoch: false)
        {
            Audit = [new AuditEntry(now, actor, action, Id, string.Create(CultureInfo.InvariantCulture, $"{source}/{webhook}"), note)],
            Directory = [new DirectoryEntry(DirectoryKind.Webhooks, Ids.Webhooks(Id), Id, "webhooks", "", status, now)],
        });
    }

    private async Task TellFeedAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IWebhookFeedGrain>(0).SubscribedAsync(Id);
        }
#pragma warning disable CA1031 // It reads the directory now and then: it finds out a minute later.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFeedNotTold(_logger, Id, exception);
        }
    }

    [LoggerMessage(EventId = 2611, Level = LogLevel.Warning, Message = "The feed of webhooks doesn't know of business {Business} yet")]
    private static partial void LogFeedNotTold(ILogger logger, long business, Exception exception);
}
