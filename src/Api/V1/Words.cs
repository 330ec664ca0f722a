using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;
using Actors.Policy.Webhooks;

namespace Actors.Api.V1;

/// <summary>The words on the wire for the closed lists of policy and contracts: lower case, snake_case, stable.</summary>
internal static class Words
{
    public static string Of(Category category) => category switch
    {
        Category.Service => "service",
        Category.Utility => "utility",
        Category.Authentication => "authentication",
        Category.Marketing => "marketing",
    };

    public static string Of(ConsentSource source) => source switch
    {
        ConsentSource.Website => "website",
        ConsentSource.Sms => "sms",
        ConsentSource.Phone => "phone",
        ConsentSource.Paper => "paper",
        ConsentSource.InStore => "in_store",
        ConsentSource.App => "app",
        ConsentSource.Message => "message",
        ConsentSource.Other => "other",
    };

    /// <summary>Whose word it is. A call, a word and a block are all the user's.</summary>
    public static string Of(ConsentActor actor) => actor switch
    {
        ConsentActor.Business => "business",
        ConsentActor.User or ConsentActor.UserWord or ConsentActor.UserBlock => "user",
    };

    public static string Of(ComplaintReason reason) => reason switch
    {
        ComplaintReason.NoReason => "no_reason",
        ComplaintReason.NoLongerNeeded => "no_longer_needed",
        ComplaintReason.NoSignUp => "no_sign_up",
        ComplaintReason.Irrelevant => "irrelevant",
        ComplaintReason.Spam => "spam",
        ComplaintReason.Offensive => "offensive",
        ComplaintReason.TooMany => "too_many",
        ComplaintReason.OtpNotRequested => "otp_not_requested",
        ComplaintReason.Other => "other",
    };

    public static string Of(Feedback feedback) => feedback switch
    {
        Feedback.None => "none",
        Feedback.Interested => "interested",
        Feedback.NotInterested => "not_interested",
    };

    public static string Of(HeaderFormat format) => format switch
    {
        HeaderFormat.Text => "text",
        HeaderFormat.Image => "image",
        HeaderFormat.Video => "video",
        HeaderFormat.Document => "document",
        HeaderFormat.Location => "location",
    };

    public static string Of(ButtonType type) => type switch
    {
        ButtonType.QuickReply => "quick_reply",
        ButtonType.Url => "url",
        ButtonType.PhoneNumber => "phone_number",
        ButtonType.CopyCode => "copy_code",
        ButtonType.Otp => "otp",
    };

    public static string Of(MessageStatus status) => status switch
    {
        MessageStatus.Accepted => "accepted",
        MessageStatus.Delivered => "delivered",
        MessageStatus.Read => "read",
        MessageStatus.Failed => "failed",
        MessageStatus.Expired => "expired",
    };

    public static string Of(CapBasis basis) => basis switch
    {
        CapBasis.Standard => "standard",
        CapBasis.Engaged => "engaged",
        CapBasis.Unengaged => "unengaged",
        CapBasis.Own => "own",
    };

    /// <summary>The level of throughput, as the Cloud API has it.</summary>
    public static string Of(ThroughputLevel level) => level switch
    {
        ThroughputLevel.Standard => "STANDARD",
        ThroughputLevel.High => "HIGH",
    };

    public static string Of(Verification verification) => verification switch
    {
        Verification.NotVerified => "not_verified",
        Verification.Pending => "pending",
        Verification.Verified => "verified",
        Verification.Rejected => "rejected",
    };

    /// <summary>The status of a business, upper case like that of a template.</summary>
    public static string Of(BusinessStatus status) => status switch
    {
        BusinessStatus.Active => "ACTIVE",
        BusinessStatus.Locked => "LOCKED",
    };

    public static string Of(Restriction restriction) => restriction switch
    {
        Restriction.None => "none",
        Restriction.Warning => "warning",
        Restriction.NoMarketing => "no_marketing",
        Restriction.WindowOnly => "window_only",
        Restriction.Nothing => "nothing",
        Restriction.Locked => "locked",
    };

    public static string Of(StrikeCause cause) => cause switch
    {
        StrikeCause.SustainedRed => "sustained_red",
        StrikeCause.ReportBurst => "report_burst",
        StrikeCause.Violation => "violation",
    };

    /// <summary>The status of an appeal, upper case like that of a template.</summary>
    public static string Of(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Delivered => "delivered",
        AttemptOutcome.Refused => "refused",
        AttemptOutcome.TimedOut => "timed_out",
        AttemptOutcome.Dropped => "dropped",
        AttemptOutcome.Unreachable => "unreachable",
        AttemptOutcome.Forbidden => "forbidden",
        AttemptOutcome.Unreadable => "unreadable",
        AttemptOutcome.Lost => "lost",
    };

    public static string Of(AppealStatus status) => status switch
    {
        AppealStatus.Filed => "FILED",
        AppealStatus.Upheld => "UPHELD",
        AppealStatus.Reversed => "REVERSED",
    };

    public static string Of(ConsentStatus status) => status switch
    {
        ConsentStatus.None => "none",
        ConsentStatus.Granted => "granted",
        ConsentStatus.WithdrawnByBusiness => "withdrawn_by_business",
        ConsentStatus.WithdrawnByUser => "withdrawn_by_user",
        ConsentStatus.WithdrawnByBlock => "withdrawn_by_block",
        ConsentStatus.StoppedWhileGranted or ConsentStatus.StoppedWhileNotGranted or ConsentStatus.StoppedWhileWithdrawn => "stopped_by_word",
    };

    /// <summary>The status of a template, upper case as in the Cloud API.</summary>
    public static string Of(QualityBand band) => band switch
    {
        QualityBand.Unknown => "UNKNOWN",
        QualityBand.Red => "RED",
        QualityBand.Yellow => "YELLOW",
        QualityBand.Green => "GREEN",
    };

    public static string Of(TemplateStatus status) => status switch
    {
        TemplateStatus.Pending => "PENDING",
        TemplateStatus.Approved => "APPROVED",
        TemplateStatus.Rejected => "REJECTED",
        TemplateStatus.Paused => "PAUSED",
        TemplateStatus.Disabled => "DISABLED",
    };

    /// <summary>The categories of a set, in the order of their numbers.</summary>
    public static string[] Of(Categories categories) => [.. ConsentCategories.Where(c => categories.HasFlag(c)).Select(Single)];

    /// <summary>What a word stands for; null when it is none of the list.</summary>
    public static T? Parse<T>(string? word)
        where T : struct, Enum => word is not null && Lists<T>.Values.TryGetValue(word, out var value) ? value : null;

    /// <summary>The words of a list, for a message that says what would be right.</summary>
    public static string List<T>()
        where T : struct, Enum => string.Join(", ", Lists<T>.Values.Keys);

    private static readonly Categories[] ConsentCategories = [Categories.Utility, Categories.Authentication, Categories.Marketing];

    private static string Single(Categories category) => category switch
    {
        Categories.Utility => Of(Category.Utility),
        Categories.Authentication => Of(Category.Authentication),
        Categories.Marketing => Of(Category.Marketing),
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "not a single category"),
    };

    private static class Lists<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<string, T> Values = Enum.GetValues<T>()
            .Where(value => value is not (Categories.None or Categories.All or Category.Service or Feedback.None or Verification.NotVerified))
            .ToDictionary(WordOf, StringComparer.Ordinal);

        private static string WordOf(T value) => value switch
        {
            Category category => Of(category),
            Categories categories => Single(categories),
            ConsentSource source => Of(source),
            ComplaintReason reason => Of(reason),
            Feedback feedback => Of(feedback),
            Verification verification => Of(verification),
            TemplateStatus status => Of(status),
            AppealStatus appeal => Of(appeal),
            _ => throw new ArgumentException($"{typeof(T).Name} is not read from the wire.", nameof(value)),
        };
    }
}
