//! The words that tell which values of a metric are good, in English, German, French and Spanish.
//!
//! Words are in lower case and without accents, as [`super::rules`] compares them; entries are separated by commas. `*` stands for
//! any letters at the begin or end of a word, `#` for a number.

/// What a word says of the values of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Something that is done, kept or in place: the more the better.
    Better,
    /// Something that is not as it has to be: the less the better, whatever it is said of.
    Worse,
    /// Something that nobody wants, as long as nothing better is said of it: `findings`, but not `findings closed`.
    Trouble,
    /// Takes back what follows: `without`.
    Not,
    /// A time that something takes: the shorter the better, where time is what is counted.
    Delay,
    /// Says that nothing can be told.
    Unsure,
    /// Nothing, although a part of it has a sense alone: `open source`.
    Quiet,
    /// Nothing, and a `Not` reaches over it: articles, `critical`.
    Filler,
}

/// The words of all languages by what they say.
pub(super) const WORDS: [(Sense, &[&str]); 8] = [
    (Sense::Better, &[EN_BETTER, DE_BETTER, FR_BETTER, ES_BETTER]),
    (Sense::Worse, &[EN_WORSE, DE_WORSE, FR_WORSE, ES_WORSE]),
    (Sense::Trouble, &[EN_TROUBLE, DE_TROUBLE, FR_TROUBLE, ES_TROUBLE]),
    (Sense::Not, &["not, no, without, lacking, lack, never, ohne, nicht, kein, keine, keinen, sans, non, pas, sin"]),
    (Sense::Delay, &[EN_DELAY, DE_DELAY, FR_DELAY, ES_DELAY]),
    (Sense::Unsure, &[UNSURE]),
    (Sense::Quiet, &[QUIET]),
    (Sense::Filler, &[FILLER]),
];

const EN_BETTER: &str = "\
    within #, within sla, within slo, within slas, within target, within targets, within one, within two, within three, \
    within a, within an, within agreed, within the agreed, within required, within the required, \
    within the required time, within the sla, within the target, within policy, within deadline, within the deadline, \
    within due, within their, within time, within plan, within tolerance, within appetite, within budget, \
    within schedule, within threshold, within thresholds, mean time to failure, time to failure, mttf, consulted, \
    mfa enabled, encryption enabled, logging enabled, protection enabled, scanning enabled, remediation rate, patch rate, \
    patching rate, resolution rate, passwordless, without a password, without password, without passwords, error free, \
    fault free, achieve*, acknowledged, addressed, adherence, adopt*, analysed, analyzed, applied, approved, assessed, \
    assigned, attested, audited, authorised, authorized, availability, backed up, blocked, certified, classified, closed, \
    closure, completed, completeness, completion, complete, compliance, compliant, conducted, configured, conformance, \
    conformity, contained, controlled, corrected, cost saving*, coverage, covered, covering, decommissioned, deployed, \
    deprovisioned, destroyed, detection rate, detection coverage, detection accuracy, disabled, disposed, documented, \
    effectiveness, efficiency, encrypted, enforced, enrolled, evaluated, exercised, exercises held, filtered, fixed, \
    followed, fulfilled, fulfilment, hardened, held, implemented, in place, integrated, inventoried, investigated, \
    isolated, labelled, labeled, maintained, managed, mapped, maturity, meeting, meets, met, mitigated, monitored, \
    mean time between, time between failures, time between incidents, mtbf, on schedule, on time, onboarded, \
    participation, pass rate, passed, passing, patched, performed, prevented, prioritised, prioritized, promptly, \
    protected, protection, quarantined, readiness, reached, recoverability, recovered, rehearsed, recertified, \
    reconciled, reduction, remediated, report rate, reporting rate, resilience, resolved, respected, restored, \
    restores tested, reviewed, revoked, rotated, satisfaction, satisfied, scanned, screened, secured, segmented, success, \
    successful, successfully, tagged, tested, timely, traceable, tracked, trained, training completion, treated, triaged, \
    up to date, updated, uptime, validated, verified, verification rate, vetted, with a current, with a valid, with mfa, \
    with multi factor, with valid, with current, with an owner, with owner, with owners, report phishing, \
    reported phishing, reporting phishing";

const EN_WORSE: &str = "\
    harmful, still enabled, still active, still in use, phish prone, phishing prone, susceptible, aborted, \
    after deadline, after due, aged, ageing, aging, beyond, clicked, clicks, click rate, click through rate, default password*, \
    degraded, delayed, deferred, deprecated, deviating, dormant, end of life, end of support, eol, exceeding, exceeded, \
    expired, exposed, failed, failing, failure rate, error rate, false positive*, false negative*, false alarm*, \
    hard coded, hardcoded, inactive, inadequate, incomplete, ineffective, insecure, insufficient, invalid, late, \
    longer than, misconfigured, missed, missing, more than, must neglected, non compliant, noncompliant, non compliance, \
    noncompliance, non conforming, not reporting, obsolete, older than, open, orphan, orphaned, orphans, outdated, \
    out of date, out of scope, out of support, outstanding, over sla, overdue, overrun, past due, past its, past their, \
    past the, pending, postponed, repeat, repeated, recurring, reoccurring, reopened, rework, rogue, rolled back, \
    shared accounts, stale, stolen, still, unaccounted, unaddressed, unapproved, unassessed, unassigned, unauthenticated, \
    unauthorised, unauthorized, unavailable, unclassified, uncontrolled, undetected, undocumented, unencrypted, unknown, \
    unlicensed, unmanaged, unmapped, unmet, unmitigated, unmonitored, unowned, unpatched, unplanned, unprotected, \
    unremediated, unresolved, unreviewed, unsanctioned, unscanned, unsecured, unsigned, unsupported, untagged, untested, \
    untrained, untreated, unused, unverified, vulnerable, waived, weak, withdrawn consent";

const EN_TROUBLE: &str = "\
    compliance gap*, compliance violation*, compliance breach*, compliance finding*, compliance issue*, \
    compliance failure*, compliance incident*, coverage gap*, control gap*, control failure*, protection gap*, \
    availability incident*, sla breach*, sla violation*, abandonment, absenteeism, accident*, alert fatigue, anomal*, \
    attacks, attack success, backlog*, breach*, bug, bugs, churn, complaint*, compromise, compromised, compromises, cost, \
    costs, crash*, cve, cves, damage*, data leak*, data loss*, defect*, disruption*, downtime, drift, error, errors, \
    escalation*, exception*, exposure*, exploit, exploited, failure*, fatigue, fault*, finding*, fines, fraud*, gap, \
    gaps, hallucination*, infection*, incident*, injur*, intrusion*, issue, issues, leak*, loss, losses, malware, \
    misconfiguration*, misstatement*, misuse, mistake*, nonconformit*, non conformit*, outage*, open port*, overhead, \
    override, overrides, password reuse, penalt*, phishing susceptib*, policy violation*, problem*, ransomware, \
    reidentification, residual risk, risk exposure, risk score, rollback*, secrets, shadow, single point*, spam, \
    staff turnover, employee turnover, turnover, vacanc*, violation*, virus*, vulnerabilit*, waiver*, waste, weakness*";

const EN_DELAY: &str = "\
    incident response time, incident resolution time, age, average age, days since, days to, delay, delays, duration, \
    dwell time, elapsed, hours to, latency, lag, lead time, cycle time, mean time, median time, average time, minutes to, \
    mtta, mttc, mttd, mttr, mtti, recovery time, resolution time, response time, restoration time, restore time, \
    detection time, containment time, remediation time, patch time, processing time, waiting time, wait time, time from, \
    time needed, time since, time taken, time to, turnaround, weeks to, time between detection, time between report";

const DE_BETTER: &str = "\
    innerhalb von #, innerhalb #, innerhalb der, innerhalb des sla, innerhalb eines, innerhalb einer, innerhalb sla, \
    binnen, ausfallsicher*, fehlerfrei*, mit aktuelle*, teilnahmequote, abdeckung*, *abdeckung, *abdeckungsgrad, \
    abgedeckt*, abgeschlossen*, aktiviert*, aktuelle*, angebunden*, angewendet*, *abschlussquote, ausgerollt*, behoben*, \
    bearbeitet*, beantwortet*, bestanden*, bestatigt*, bewertet*, blockiert*, deaktiviert*, dokumentiert*, durchgefuhrt*, \
    eingehalten*, eingespielt*, einhaltung*, *einhaltung, entzogen*, erfolgreich*, *erfolgsquote, erfullt*, \
    *erfullungsgrad, erfullungsgrad*, erledigt*, freigegeben*, fristgerecht*, fristgemass*, geloscht*, gelost*, gemass, \
    gepatcht*, gepruft*, geschlossen*, geschult*, geschutzt*, gesichert*, gesperrt*, getestet*, gultig*, inventarisiert*, \
    klassifiziert*, konform*, meldequote, melderate, mit gultige*, *reifegrad, reifegrad*, rechtzeitig*, qualifiziert*, \
    *teilnahmequote, termingerecht*, trainiert*, uberpruft*, uberwacht*, umgesetzt*, *umsetzungsgrad, umsetzungsgrad*, \
    unterstutzte, verfugbarkeit*, *verfugbarkeit, verschlusselt*, vollstandig*, vorhanden*, wiederhergestellt*, wirksam*, \
    zertifiziert*, zeitgerecht*, zufriedenheit, zugeordnet*, zwischen ausfallen, zeit zwischen";

const DE_WORSE: &str = "\
    alter, abgelaufen*, alter als, anfallig*, ausstehend*, fehlend*, fehlerhaft*, fehlgeschlagen*, gescheitert*, hangig*, \
    inaktiv*, ignoriert*, *klickrate, klickrate*, klickquote, langer als, mehr als, nicht konform*, offen, offene, \
    offenen, offener, noch nicht, schwache*, uberfallig*, uberschritten*, uberschreitung*, unautorisiert*, unbearbeitet*, \
    unbefugt*, unbehoben*, unbekannt*, unerlaubt*, ungepatcht*, ungepruft*, ungeschult*, ungeschutzt*, ungeplant*, \
    ungetestet*, unverschlusselt*, unvollstandig*, unzureichend*, veraltet*, verpasst*, verspatet*, versaumt*, verwaist*, \
    verwundbar*, wiederholt*, wiederkehrend*, zuruckgestellt*";

const DE_TROUBLE: &str = "\
    abbruch*, ausfall*, *ausfall, *ausfalle, *ausfallen, *ausfallzeit, *ausfallzeiten, ausnahme*, *ausnahmen, *befund, \
    *befunde, beschwerde*, *beschwerden, betrug*, *datenpanne*, *diebstahl*, *fehler, fehler*, fehlalarm*, feststellung*, \
    *feststellungen, fluktuation*, kosten, *kosten, *luecken, *lucke, *lucken, *mangel, mangel*, *panne, *pannen, \
    restrisik*, *ruckstand*, schaden, *schaden, *schadsoftware*, *schwachstelle, *schwachstellen, schwachstelle, \
    schwachstellen, sicherheitsluck*, *storung, *storungen, *verletzung, *verletzungen, *verlust, *verluste, *verstoss, \
    *verstosse, *verstosen, *verzug, *vorfall, *vorfalle, *vorfallen";

const DE_DELAY: &str = "\
    dauer, *dauer, *behebungszeit, *bearbeitungszeit, *latenz, *reaktionszeit, *erkennungszeit, *losungszeit, \
    *wiederherstellungszeit, *wartezeit, *durchlaufzeit, mittlere zeit, durchschnittliche zeit, tage bis, tage seit, \
    stunden bis, minuten bis, zeit bis, zeit seit, *verzogerung*, zeitspanne";

const FR_BETTER: &str = "\
    dans les # jours, dans les # heures, dans les # h, en # jours, sous # jours, sous # heures, temps de fonctionnement, \
    temps de disponibilite, sans mot de passe, a jour, acheve*, activee, activees, adhesion, appliques, appliquees, \
    applique, approuve*, assigne*, audites, auditees, atteint*, bloque*, certifie*, chiffres, chiffrees, chiffre, \
    chiffree, clos, close*, cloture*, completes, completude, conforme, conformes, conformite, corriges, corrigees, \
    corrige, corrigee, couverte*, couvert*, couverture, dans le delai, dans les delais, deployes, deployees, desactives, \
    desactivees, disponibilite, documente*, efficacite, effectue*, evalues, evaluees, evalue, evaluee, forme, formes, \
    formee, formees, implemente*, inventories, inventoriees, journalises, maturite, mis en oeuvre, proteges, protegees, \
    realises, realisees, realise, realisee, remedies, resolu*, respect, respecte*, restaure*, revus, revues, reussi*, \
    reussite, sensibilises, sensibilisees, signalement*, supervises, surveilles, surveillees, succes, teste*, traites, \
    traitees, valides, validees, verifies, verifiees, entre pannes, entre deux pannes, entre les pannes, \
    temps moyen entre, taux de detection";

const FR_WORSE: &str = "\
    depasse*, depassement*, depuis plus, echec*, echoue*, expire*, en attente, en cours, en retard, en souffrance, \
    faux positif*, faux negatif*, fausses alertes, inactif*, inactives, incomplet*, insuffisant*, manquant*, manque*, \
    obsolete*, ouvert, ouverts, ouverte, ouvertes, orphelin*, perime*, plus ancien*, plus de, recurrent*, retard*, \
    tardif*, tardive*, taux de clic, taux de clics, vulnerable*, non planifie*, non autorise*, non corrige*, \
    non conforme*, non traite*, non resolu*, non chiffre*, non teste*, non supporte*, non couvert*";

const FR_TROUBLE: &str = "\
    anomalie*, arriere, attaques, breche*, cout, couts, defaillance*, derogation*, ecarts, erreur*, faille*, fuite*, \
    fraude*, indisponibilite*, interruption*, lacune*, panne*, perte*, plainte*, risque residuel, risques residuels, \
    rotation du personnel, vulnerabilite*, vols";

const FR_DELAY: &str = "\
    age moyen, delai, delais, delai moyen, duree*, heures avant, jours avant, jours depuis, jours pour, latence, \
    temps de, temps moyen, temps d, anciennete";

const ES_BETTER: &str = "\
    dentro de #, dentro de los #, dentro del plazo, dentro de plazo, dentro del sla, en # dias, tiempo de actividad, \
    tiempo de funcionamiento, tiempo de disponibilidad, sin contrasena, a tiempo, activado*, activada*, actualizado*, \
    actualizada*, al dia, aplicado*, aplicada*, aprobado*, aprobada*, asignado*, auditado*, bloqueado*, cerrado*, \
    cerrada*, certificado con, cifrado*, cifrada*, clasificado*, completado*, completada*, con mfa, con exito, \
    corregido*, corregida*, cobertura, conforme*, conformidad, cubierto*, cubierta*, cumplen, cumplido*, cumplimiento, \
    desplegado*, desactivado*, desactivada*, disponibilidad, documentado*, documentada*, efectividad, eficacia, en plazo, \
    evaluado*, evaluada*, exitos*, formado*, formada*, capacitado*, capacitada*, gestionado*, implementado*, \
    implementada*, inventariado*, madurez, mitigado*, mitigada*, monitorizado*, monitoreado*, parcheado*, participacion, \
    probado*, probada*, protegido*, protegida*, realizado*, realizada*, reduccion, remediado*, remediada*, resuelto*, \
    resuelta*, restaurado*, restaurada*, revisado*, revisada*, satisfaccion, superado*, superada*, tratado*, validado*, \
    verificado*, verificada*, tiempo medio entre, tiempo entre fallos, entre fallos, tasa de deteccion";

const ES_WORSE: &str = "\
    abierto*, abierta*, atrasado*, atrasada*, caducado*, caducada*, desactualizado*, desactualizada*, expirado*, \
    expirada*, fallido*, fallida*, falso* positivo*, falsos positivos, falso positivo, falta de, faltante*, fuera de, \
    huerfano*, huerfana*, inactivo*, inactiva*, incompleto*, incumplido*, incumplimiento*, insuficiente*, mas de, \
    mas antiguo*, mas antigua*, no autorizado*, no autorizada*, no conforme*, no planificado*, no planificada*, \
    no corregida*, no corregido*, no resuelta*, no resuelto*, no cifrado*, obsoleto*, obsoleta*, pendiente*, recurrente*, \
    retrasado*, retrasada*, tardio*, tasa de clic, tasa de clics, vencido*, vencida*";

const ES_TROUBLE: &str = "\
    accidente*, anomalia*, ataques, brecha*, coste*, costo*, debilidad*, defecto*, errores, excepcion*, fallo, fallos, \
    fuga*, hallazgo*, incidencia*, incidente*, inactividad, indisponibilidad, interrupcion*, perdida*, queja*, \
    riesgo residual, rotacion de personal, vulnerabilidad*, violacion*, caida*";

const ES_DELAY: &str = "\
    antiguedad, demora*, dias desde, dias hasta, dias para, duracion, edad media, horas hasta, latencia, plazo medio, \
    retraso*, tiempo de, tiempo hasta, tiempo medio, tiempo para, tiempo promedio";

const QUIET: &str = "\
    no of, nr of, not only, open source, open banking, failover, fail over, attack surface, business continuity, \
    incident management, incident response, incident response plan*, incident handling, incident reporting, \
    incident playbook*, incident plan*, incident communication, incident drill*, incident exercise*, problem management, \
    vulnerability management, vulnerability scan*, vulnerability scanner*, vulnerability assessment*, \
    vulnerability disclosure, vulnerability intelligence, loss prevention, data loss prevention, data leak prevention, \
    dlp, malware protection, anti malware, antimalware, error handling, exception handling, exception process*, \
    fraud detection, failure mode*, risk register, spam filter*, secrets management, secret scanning, key management, \
    gap analysis, gap analyses, cost benefit, threat intelligence, threat model*, intrusion detection, \
    breach notification, breach notice*, issue owner*, schwachstellenmanagement, schwachstellenscan*, vorfallmanagement, \
    gestion des incidents, gestion des vulnerabilites, reponse aux incidents, gestion de incidentes, \
    gestion de vulnerabilidades, respuesta a incidentes, plan de respuesta, recovery time objective*, \
    recovery point objective*, rto, rpo, as a whole, managed service*, managed device*, supported by, zero trust, \
    single sign";

const UNSURE: &str = "\
    increase*, near miss*, approved exception*, approved policy exception*, accepted exception*, granted exception*, \
    exceptions approved, exceptions granted, exceptions accepted, training duration, *aufbewahrungsdauer, *nutzungsdauer, \
    *lebensdauer, *betriebsdauer, duree de conservation, duree de vie, duree de retention, tiempo de retencion, \
    tiempo de vida, growth, variance, deviation, trend, delta, veranderung*, zunahme, abweichung*, wachstum, evolution, \
    variation, ecart*, variacion, desviacion, aumento, tendencia";

const FILLER: &str = "\
    a, an, any, the, yet, fully, of, critical, high, severe, known, major, ein, eine, einen, der, die, das, kritische*, \
    hohe, gultige*, de, d, des, du, la, le, les, l, un, une, una, el, los, las, critique*, critica*, critico*, valid, \
    current, mas, plus";
