using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;
using Orleans.Serialization.Cloning;

namespace Actors.Contracts;

/// <summary>
/// How the policy's users cross a grain call. The policy references nothing, so each of its types has a surrogate that is sent in its
/// place. All are immutable: within a node they are passed as they are.
/// </summary>
/// <remarks>A member added to the type is added to its surrogate with the next id; no id is ever used again.</remarks>
[RegisterConverter]
internal sealed class UserConverters :
    IConverter<OptIn, OptInSurrogate>,
    IConverter<InboundCommand, InboundCommandSurrogate>,
    IConverter<StoredMessage, StoredMessageSurrogate>,
    IConverter<ConsentEntry, ConsentEntrySurrogate>,
    IConverter<UserEvent, UserEventSurrogate>,
    IConverter<QualityMark, QualityMarkSurrogate>,
    IConverter<Preferences, PreferencesSurrogate>,
    IConverter<Consent, ConsentSurrogate>,
    IConverter<Receipt, ReceiptSurrogate>,
    IConverter<KeyReceipt, KeyReceiptSurrogate>,
    IConverter<Turn, TurnSurrogate>,
    IConverter<CountedTemplate, CountedTemplateSurrogate>,
    IConverter<QualityTrail, QualityTrailSurrogate>,
    IConverter<Relation, RelationSurrogate>,
    IConverter<UserState, UserStateSurrogate>
{
    public OptIn ConvertFromSurrogate(in OptInSurrogate s) =>
        new(
        s.Business, s.Categories, s.ByUser, s.Source, s.At, s.Wording, s.Evidence);

    public OptInSurrogate ConvertToSurrogate(in OptIn v) => new(v.Business, v.Categories, v.ByUser, v.Source, v.At, v.Wording, v.Evidence);

    public InboundCommand ConvertFromSurrogate(in InboundCommandSurrogate s) => new()
    {
        Business = s.Business,
        PhoneNumber = s.PhoneNumber,
        Text = s.Text,
        IsReaction = s.IsReaction,
        Content = s.Content,
        Key = s.Key,
        Body = s.Body,
        Answers = s.Answers.IsDefault ? [] : s.Answers,
        Button = s.Button,
    };

    public InboundCommandSurrogate ConvertToSurrogate(in InboundCommand v) => new(
        v.Business, v.PhoneNumber, v.Text, v.IsReaction, v.Content, v.Key, v.Body, v.Answers, v.Button);

    public StoredMessage ConvertFromSurrogate(in StoredMessageSurrogate s) => new()
    {
        Number = s.Number,
        Direction = s.Direction,
        Business = s.Business,
        PhoneNumber = s.PhoneNumber,
        Template = s.Template,
        Category = s.Category,
        At = s.At,
        Status = s.Status,
        DeliveredAt = s.DeliveredAt,
        ReadAt = s.ReadAt,
        EndedAt = s.EndedAt,
        Feedback = s.Feedback,
        Content = s.Content,
        Key = s.Key,
        Body = s.Body,
        CallbackData = s.CallbackData,
        Explanation = s.Explanation,
        ExpiresAt = s.ExpiresAt,
        Devices = s.Devices.IsDefault ? [] : s.Devices,
    };

    public StoredMessageSurrogate ConvertToSurrogate(in StoredMessage v) => new(
        v.Number, v.Direction, v.Business, v.PhoneNumber, v.Template, v.Category, v.At, v.Status, v.DeliveredAt, v.ReadAt, v.EndedAt,
        v.Feedback, v.Content, v.Key, v.Body, v.CallbackData, v.Explanation, v.ExpiresAt, v.Devices);

    public ConsentEntry ConvertFromSurrogate(in ConsentEntrySurrogate s) =>
        new(
        s.Number, s.Business, s.Grant, s.Categories, s.By, s.Source, s.At, s.RecordedAt, s.Wording, s.Evidence);

    public ConsentEntrySurrogate ConvertToSurrogate(in ConsentEntry v) => new(
        v.Number, v.Business, v.Grant, v.Categories, v.By, v.Source, v.At, v.RecordedAt, v.Wording, v.Evidence);

    public UserEvent ConvertFromSurrogate(in UserEventSurrogate s) =>
        new(
        s.Kind, s.At, s.Business, s.Message, s.PhoneNumber, s.Template, s.Category, s.Categories, s.Detail, s.Counted, s.InWindow,
        s.Quality, s.Opened, s.Quota, s.Life, s.Response);

    public UserEventSurrogate ConvertToSurrogate(in UserEvent v) => new(
        v.Kind, v.At, v.Business, v.Message, v.PhoneNumber, v.Template, v.Category, v.Categories, v.Detail, v.Counted, v.InWindow,
        v.Quality, v.Opened, v.Quota, v.Life, v.Response);

    public QualityMark ConvertFromSurrogate(in QualityMarkSurrogate s) => new(s.CountsUser, s.CountsForTemplate, s.Signal, s.After, s.Charged);

    public QualityMarkSurrogate ConvertToSurrogate(in QualityMark v) => new(v.CountsUser, v.CountsForTemplate, v.Signal, v.After, v.Charged);

    public Preferences ConvertFromSurrogate(in PreferencesSurrogate s) =>
        new(s.Businesses, s.Marketing, s.Languages) { MarketingPerDay = s.MarketingPerDay, QuietHours = s.QuietHours };

    public PreferencesSurrogate ConvertToSurrogate(in Preferences v) =>
        new(v.Businesses, v.Marketing, v.Languages, v.MarketingPerDay, v.QuietHours);

    public Consent ConvertFromSurrogate(in ConsentSurrogate s) => new(s.Status, s.At, s.Source, s.Entry);

    public ConsentSurrogate ConvertToSurrogate(in Consent v) => new(v.Status, v.At, v.Source, v.Entry);

    public Receipt ConvertFromSurrogate(in ReceiptSurrogate s) => new(s.Business, s.At, s.Message);

    public ReceiptSurrogate ConvertToSurrogate(in Receipt v) => new(v.Business, v.At, v.Message);

    public KeyReceipt ConvertFromSurrogate(in KeyReceiptSurrogate s) => new(s.Key, s.Body, s.Message, s.At);

    public KeyReceiptSurrogate ConvertToSurrogate(in KeyReceipt v) => new(v.Key, v.Body, v.Message, v.At);

    public Turn ConvertFromSurrogate(in TurnSurrogate s) => new(s.ByUser, s.At);

    public TurnSurrogate ConvertToSurrogate(in Turn v) => new(v.ByUser, v.At);

    public CountedTemplate ConvertFromSurrogate(in CountedTemplateSurrogate s) => new(s.Template, s.At);

    public CountedTemplateSurrogate ConvertToSurrogate(in CountedTemplate v) => new(v.Template, v.At);

    public QualityTrail ConvertFromSurrogate(in QualityTrailSurrogate s) => new()
    {
        DeliveredAt = s.DeliveredAt,
        Template = s.Template,
        CountedAt = s.CountedAt,
        Counted = s.Counted,
        SignalsFrom = s.SignalsFrom,
        Heaviest = s.Heaviest,
    };

    public QualityTrailSurrogate ConvertToSurrogate(in QualityTrail v) => new(
        v.DeliveredAt, v.Template, v.CountedAt, v.Counted, v.SignalsFrom, v.Heaviest);

    public Relation ConvertFromSurrogate(in RelationSurrogate s) => new()
    {
        Business = s.Business,
        Utility = s.Utility,
        Authentication = s.Authentication,
        Marketing = s.Marketing,
        Stop = s.Stop,
        BlockedAt = s.BlockedAt,
        BlockReason = s.BlockReason,
        BlockedByBusinessAt = s.BlockedByBusinessAt,
        WindowFrom = s.WindowFrom,
        PairRested = s.PairRested,
        OpenedAt = s.OpenedAt,
        Undelivered = s.Undelivered,
        Quality = s.Quality,
        RestsUntil = s.RestsUntil,
        Turn = s.Turn,
    };

    public RelationSurrogate ConvertToSurrogate(in Relation v) => new(
        v.Business, v.Utility, v.Authentication, v.Marketing, v.Stop, v.BlockedAt, v.BlockReason, v.BlockedByBusinessAt, v.WindowFrom,
        v.PairRested, v.OpenedAt, v.Undelivered, v.Quality, v.RestsUntil, v.Turn);

    public UserState ConvertFromSurrogate(in UserStateSurrogate s) => new()
    {
        LastAt = s.LastAt,
        Messages = s.Messages,
        ConsentEntries = s.ConsentEntries,
        Preferences = s.Preferences,
        Relations = s.Relations,
        Receipts = s.Receipts,
        Keys = s.Keys,
        KeysDroppedAt = s.KeysDroppedAt,
        Devices = s.Devices,
        Outcomes = s.Outcomes,
        OpenOutcomes = s.OpenOutcomes,
    };

    public UserStateSurrogate ConvertToSurrogate(in UserState v) => new(
        v.LastAt, v.Messages, v.ConsentEntries, v.Preferences, v.Relations, v.Receipts, v.Keys, v.KeysDroppedAt, v.Devices, v.Outcomes,
        v.OpenOutcomes);
}

[GenerateSerializer, Immutable, Alias("actors.policy.opt-in")]
internal readonly record struct OptInSurrogate(
    [property: Id(0)] long Business, [property: Id(1)] Categories Categories, [property: Id(2)] bool ByUser,
    [property: Id(3)] ConsentSource Source, [property: Id(4)] Instant At, [property: Id(5)] string? Wording,
    [property: Id(6)] string? Evidence);

[GenerateSerializer, Immutable, Alias("actors.policy.inbound-command")]
internal readonly record struct InboundCommandSurrogate(
    [property: Id(0)] long Business, [property: Id(1)] long PhoneNumber, [property: Id(2)] string? Text, [property: Id(3)] bool IsReaction,
    [property: Id(4)] ReadOnlyMemory<byte> Content, [property: Id(5)] ulong? Key, [property: Id(6)] ulong Body,
    [property: Id(7)] ImmutableArray<long> Answers, [property: Id(8)] byte? Button);

[GenerateSerializer, Immutable, Alias("actors.policy.stored-message")]
internal readonly record struct StoredMessageSurrogate(
    [property: Id(0)] long Number, [property: Id(1)] Direction Direction, [property: Id(2)] long Business,
    [property: Id(3)] long PhoneNumber, [property: Id(4)] long Template, [property: Id(5)] Category Category, [property: Id(6)] Instant At,
    [property: Id(7)] MessageStatus Status, [property: Id(8)] Instant? DeliveredAt, [property: Id(9)] Instant? ReadAt,
    [property: Id(10)] Instant? EndedAt, [property: Id(11)] Feedback Feedback, [property: Id(12)] ReadOnlyMemory<byte> Content,
    [property: Id(13)] ulong? Key, [property: Id(14)] ulong Body, [property: Id(15)] string? CallbackData,
    [property: Id(16)] ReadOnlyMemory<byte> Explanation, [property: Id(17)] Instant? ExpiresAt,
    [property: Id(18)] ImmutableArray<DeviceMark> Devices);

[GenerateSerializer, Immutable, Alias("actors.policy.consent-entry")]
internal readonly record struct ConsentEntrySurrogate(
    [property: Id(0)] uint Number, [property: Id(1)] long Business, [property: Id(2)] bool Grant, [property: Id(3)] Categories Categories,
    [property: Id(4)] ConsentActor By, [property: Id(5)] ConsentSource Source, [property: Id(6)] Instant At,
    [property: Id(7)] Instant RecordedAt, [property: Id(8)] string? Wording, [property: Id(9)] string? Evidence);

[GenerateSerializer, Immutable, Alias("actors.policy.user-event")]
internal readonly record struct UserEventSurrogate(
    [property: Id(0)] EventKind Kind, [property: Id(1)] Instant At, [property: Id(2)] long Business, [property: Id(3)] long Message,
    [property: Id(4)] long PhoneNumber, [property: Id(5)] long Template, [property: Id(6)] Category Category,
    [property: Id(7)] Categories Categories, [property: Id(8)] byte Detail, [property: Id(9)] bool Counted,
    [property: Id(10)] bool InWindow, [property: Id(11)] QualityMark Quality, [property: Id(12)] bool Opened,
    [property: Id(13)] long Quota, [property: Id(14)] TimeSpan? Life, [property: Id(15)] TimeSpan? Response);

[GenerateSerializer, Immutable, Alias("actors.policy.quality-mark")]
internal readonly record struct QualityMarkSurrogate(
    [property: Id(0)] bool CountsUser, [property: Id(1)] bool CountsForTemplate, [property: Id(2)] NegativeSignal? Signal,
    [property: Id(3)] NegativeSignal? After, [property: Id(4)] long Charged);

[GenerateSerializer, Immutable, Alias("actors.policy.preferences")]
internal readonly record struct PreferencesSurrogate(
    [property: Id(0)] bool Businesses, [property: Id(1)] bool Marketing, [property: Id(2)] ImmutableArray<string> Languages,
    [property: Id(3)] byte? MarketingPerDay, [property: Id(4)] QuietHours? QuietHours);

[GenerateSerializer, Immutable, Alias("actors.policy.consent")]
internal readonly record struct ConsentSurrogate(
    [property: Id(0)] ConsentStatus Status, [property: Id(1)] Instant At, [property: Id(2)] ConsentSource Source,
    [property: Id(3)] uint Entry);

[GenerateSerializer, Immutable, Alias("actors.policy.receipt")]
internal readonly record struct ReceiptSurrogate(
    [property: Id(0)] long Business, [property: Id(1)] Instant At, [property: Id(2)] long Message);

[GenerateSerializer, Immutable, Alias("actors.policy.key-receipt")]
internal readonly record struct KeyReceiptSurrogate(
    [property: Id(0)] ulong Key, [property: Id(1)] ulong Body, [property: Id(2)] long Message, [property: Id(3)] Instant At);

[GenerateSerializer, Immutable, Alias("actors.policy.turn")]
internal readonly record struct TurnSurrogate([property: Id(0)] bool ByUser, [property: Id(1)] Instant At);

[GenerateSerializer, Immutable, Alias("actors.policy.counted-template")]
internal readonly record struct CountedTemplateSurrogate([property: Id(0)] long Template, [property: Id(1)] Instant At);

[GenerateSerializer, Immutable, Alias("actors.policy.quality-trail")]
internal readonly record struct QualityTrailSurrogate(
    [property: Id(0)] Instant? DeliveredAt, [property: Id(1)] long Template, [property: Id(2)] Instant? CountedAt,
    [property: Id(3)] ImmutableArray<CountedTemplate> Counted, [property: Id(4)] Instant? SignalsFrom, [property: Id(5)] NegativeSignal? Heaviest);

[GenerateSerializer, Immutable, Alias("actors.policy.relation")]
internal readonly record struct RelationSurrogate(
    [property: Id(0)] long Business, [property: Id(1)] Consent Utility, [property: Id(2)] Consent Authentication,
    [property: Id(3)] Consent Marketing, [property: Id(4)] MarketingStop Stop, [property: Id(5)] Instant? BlockedAt,
    [property: Id(6)] ComplaintReason BlockReason, [property: Id(7)] Instant? BlockedByBusinessAt, [property: Id(8)] Instant? WindowFrom,
    [property: Id(9)] Instant PairRested, [property: Id(10)] Instant? OpenedAt, [property: Id(11)] int Undelivered,
    [property: Id(12)] QualityTrail? Quality, [property: Id(13)] Instant? RestsUntil, [property: Id(14)] Turn? Turn);

[GenerateSerializer, Immutable, Alias("actors.policy.user-state")]
internal readonly record struct UserStateSurrogate(
    [property: Id(0)] Instant LastAt, [property: Id(1)] long Messages, [property: Id(2)] uint ConsentEntries,
    [property: Id(3)] Preferences Preferences, [property: Id(4)] ImmutableArray<Relation> Relations,
    [property: Id(5)] ImmutableArray<Receipt> Receipts, [property: Id(6)] ImmutableArray<KeyReceipt> Keys,
    [property: Id(7)] Instant? KeysDroppedAt, [property: Id(8)] ImmutableArray<Device> Devices,
    [property: Id(9)] Outcomes Outcomes, [property: Id(10)] ImmutableArray<OpenOutcome> OpenOutcomes);

[RegisterCopier]
internal sealed class OptInCopier : ShallowCopier<OptIn>;

[RegisterCopier]
internal sealed class InboundCommandCopier : ShallowCopier<InboundCommand>;

[RegisterCopier]
internal sealed class StoredMessageCopier : ShallowCopier<StoredMessage>;

[RegisterCopier]
internal sealed class ConsentEntryCopier : ShallowCopier<ConsentEntry>;

[RegisterCopier]
internal sealed class PreferencesCopier : ShallowCopier<Preferences>;

[RegisterCopier]
internal sealed class QualityTrailCopier : ShallowCopier<QualityTrail>;

[RegisterCopier]
internal sealed class RelationCopier : ShallowCopier<Relation>;

[RegisterCopier]
internal sealed class UserStateCopier : ShallowCopier<UserState>;
