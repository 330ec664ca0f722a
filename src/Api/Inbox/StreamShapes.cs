using System.Collections.Immutable;
using Actors.Api.Leases;
using Actors.Api.V1;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Api.Inbox;

/// <summary>What all streams share.</summary>
internal sealed record StreamParts(InboxFeed Feed, InboxReads Reads, UserGrains Users, StreamShapes Shapes);

/// <summary>Puts messages into the shape in which devices get them. Who sent them and what templates say is remembered: no grain call for each one.</summary>
internal sealed class StreamShapes(LeaseCache leases, TemplateTexts templates, Wamids wamids, PolicyBook policy)
{
    /// <param name="user">The user.</param>
    /// <param name="message">The message.</param>
    /// <param name="consents">What it may rest on.</param>
    /// <param name="isTold">Whether the log's news have told of it: then they have told of its template, too.</param>
    /// <param name="now">The ledger's time, a little behind; null where it isn't known.</param>
    public async ValueTask<InboxMessage> MessageAsync(
        long user, StoredMessage message, ImmutableArray<ConsentEntry> consents, bool isTold, Instant? now)
    {
        var business = (await leases.GetAsync(message.Business))?.Business;
        var use = StoredTemplate.Of(message);
        var versions = use is null ? [] : await templates.VersionsAsync(message.Business, use.Name, isTold ? default : message.At, now ?? default);
        var rendered = use is not null && TemplateVersion.At(versions, message.Template, message.At) is { } content
            ? RenderedShape.From(TemplateRendering.Render(content, use.Components)) : null;
        return InboxMessage.Render(user, message, business, rendered, consents, await wamids.GetAsync(), policy.Current);
    }

    public async ValueTask<InboxStatus> StatusAsync(long user, long message, MessageStatus status, Instant at) =>
        new((await wamids.GetAsync()).Encode(user, message), Words.Of(status), at.ToString());
}
