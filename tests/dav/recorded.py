"""Requests as the clients send them, written down from their sources, to be replayed: no phone runs in a test."""

from __future__ import annotations

OC, NC, DAV = "{http://owncloud.org/ns}", "{http://nextcloud.org/ns}", "{DAV:}"
NEXTCLOUD_DESKTOP = "Mozilla/5.0 (Linux) mirall/3.7.3git (Nextcloud, debian-6.1.0-13-amd64)"
OWNCLOUD_DESKTOP = "Mozilla/5.0 (Linux) mirall/2.11.0.8354 (ownCloud, debian-6.1.0-13-amd64)"
ANDROID = "Mozilla/5.0 (Android) Nextcloud-android/3.25.0"
IOS = "Mozilla/5.0 (iOS) Nextcloud-iOS/4.8.0"

DESKTOP_PROPFIND = """<?xml version="1.0" ?>
<d:propfind xmlns:d="DAV:"><d:prop>
<resourcetype xmlns="DAV:"/><getlastmodified xmlns="DAV:"/><getcontentlength xmlns="DAV:"/><getetag xmlns="DAV:"/>
<id xmlns="http://owncloud.org/ns"/><downloadURL xmlns="http://owncloud.org/ns"/><dDC xmlns="http://owncloud.org/ns"/>
<permissions xmlns="http://owncloud.org/ns"/><checksums xmlns="http://owncloud.org/ns"/>
<data-fingerprint xmlns="http://owncloud.org/ns"/><share-types xmlns="http://owncloud.org/ns"/></d:prop>{stray}
</d:propfind>
"""
"""ownCloud's 2.11 leaves a stray letter before the last tag."""

ANDROID_PROPFIND = """<?xml version='1.0' encoding='UTF-8' ?>
<propfind xmlns="DAV:"><prop><displayname/><getcontenttype/><resourcetype/><getcontentlength/><getlastmodified/>
<creationdate/><getetag/><quota-used-bytes/><quota-available-bytes/>
<x2:permissions xmlns:x2="http://owncloud.org/ns"/><x2:id xmlns:x2="http://owncloud.org/ns"/>
<x2:fileid xmlns:x2="http://owncloud.org/ns"/><x2:size xmlns:x2="http://owncloud.org/ns"/>
<x2:favorite xmlns:x2="http://owncloud.org/ns"/><x3:is-encrypted xmlns:x3="http://nextcloud.org/ns"/>
<x3:mount-type xmlns:x3="http://nextcloud.org/ns"/><x2:owner-id xmlns:x2="http://owncloud.org/ns"/>
<x2:owner-display-name xmlns:x2="http://owncloud.org/ns"/><x2:comments-unread xmlns:x2="http://owncloud.org/ns"/>
<x3:has-preview xmlns:x3="http://nextcloud.org/ns"/><x3:note xmlns:x3="http://nextcloud.org/ns"/>
<x3:sharees xmlns:x3="http://nextcloud.org/ns"/><x3:rich-workspace xmlns:x3="http://nextcloud.org/ns"/>
<x3:creation_time xmlns:x3="http://nextcloud.org/ns"/><x3:upload_time xmlns:x3="http://nextcloud.org/ns"/>
</prop></propfind>
"""

IOS_PROPFIND = """<?xml version="1.0" encoding="UTF-8"?>
<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>
<d:getlastmodified/><d:getetag/><d:getcontenttype/><d:resourcetype/><d:quota-available-bytes/><d:quota-used-bytes/>
<permissions xmlns="http://owncloud.org/ns"/><id xmlns="http://owncloud.org/ns"/>
<fileid xmlns="http://owncloud.org/ns"/><size xmlns="http://owncloud.org/ns"/>
<favorite xmlns="http://owncloud.org/ns"/><checksums xmlns="http://owncloud.org/ns"/>
<is-encrypted xmlns="http://nextcloud.org/ns"/><creation_time xmlns="http://nextcloud.org/ns"/>
</d:prop></d:propfind>
"""
